"""The examples as README tells them: each folded under its own first sentence."""

from __future__ import annotations

import ast
import html
import re
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "examples"
# What each kind of file is called in a fence, and what begins its comments.
LANGUAGES = {".py": ("python", ""), ".ts": ("ts", "//"), ".mjs": ("js", "//"), ".yml": ("yaml", "#")}


def files() -> list[Path]:
    """Every example, those that are read first at the front."""
    order = ("test_retry", "retry", "test_token_renewal", "test_permission_screen", "test_infinite_scroll", "exporters")
    found = [path for path in FOLDER.iterdir() if path.suffix in LANGUAGES and path.name != "__init__.py"]
    ranks = {name: rank for rank, name in enumerate(order)}
    return sorted(found, key=lambda path: (ranks.get(path.stem, len(ranks)), path.name))


def sentence(path: Path) -> str:
    """What an example says of itself first: its docstring's first paragraph, or that of its opening comment."""
    text = path.read_text()
    if path.suffix == ".py":
        told = ast.get_docstring(ast.parse(text)) or ""
    else:
        mark = LANGUAGES[path.suffix][1]
        lines = text.splitlines()
        last = next(number for number, line in enumerate(lines) if not line.startswith(mark))
        told = "\n".join(line.removeprefix(mark) for line in lines[:last])
    return " ".join(told.partition("\n\n")[0].split())


def as_html(text: str) -> str:
    """A sentence for a summary, within which Markdown counts for nothing."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))


def how_tos() -> str:
    """Every example, folded."""
    parts = []
    for path in files():
        head = f"<details><summary><code>{path.name}</code> {as_html(sentence(path))}</summary>"
        parts.append(f"{head}\n\n```{LANGUAGES[path.suffix][0]}\n{path.read_text().rstrip()}\n```\n\n</details>")
    return "\n\n".join(parts)
