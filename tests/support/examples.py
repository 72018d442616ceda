"""The examples as README shows them: each folded under its own first sentence."""

from __future__ import annotations

import ast
import html
import re
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "examples"
# For each kind of file: its language in a Markdown fence, and the mark that begins a comment.
LANGUAGES = {".py": ("python", ""), ".ts": ("ts", "//"), ".mjs": ("js", "//"), ".yml": ("yaml", "#")}


def files() -> list[Path]:
    """Returns every example; the simplest come first."""
    order = ("test_retry", "retry", "test_token_renewal", "test_permission_screen", "test_infinite_scroll", "exporters")
    paths = [path for path in FOLDER.iterdir() if path.suffix in LANGUAGES and path.name != "__init__.py"]
    ranks = {name: rank for rank, name in enumerate(order)}
    return sorted(paths, key=lambda path: (ranks.get(path.stem, len(ranks)), path.name))


def sentence(path: Path) -> str:
    """Returns the first paragraph of an example's docstring, or of its opening comment."""
    text = path.read_text()
    if path.suffix == ".py":
        comment = ast.get_docstring(ast.parse(text)) or ""
    else:
        mark = LANGUAGES[path.suffix][1]
        lines = text.splitlines()
        last = next(number for number, line in enumerate(lines) if not line.startswith(mark))
        comment = "\n".join(line.removeprefix(mark) for line in lines[:last])
    return " ".join(comment.partition("\n\n")[0].split())


def as_html(text: str) -> str:
    """Returns a sentence as HTML: Markdown is not read inside a ``summary`` element."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))


def how_tos() -> str:
    """Returns every example as folded Markdown."""
    parts = []
    for path in files():
        head = f"<details><summary><code>{path.name}</code> {as_html(sentence(path))}</summary>"
        parts.append(f"{head}\n\n```{LANGUAGES[path.suffix][0]}\n{path.read_text().rstrip()}\n```\n\n</details>")
    return "\n\n".join(parts)
