"""The examples: files that run with the suite. An index links to each, under its own first sentence."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.support.tables import table

FOLDER = Path(__file__).parent.parent / "examples"
# For each kind of file: the mark that begins a comment. Python has docstrings instead.
COMMENTS = {".py": "", ".ts": "//", ".mjs": "//", ".yml": "#", ".toml": "#"}


def files() -> list[Path]:
    """Returns every example; the simplest come first."""
    order = ("vite.config", "audit-logs.test", "test_retry", "retry", "test_token_renewal", "test_permission_screen")
    paths = [path for path in FOLDER.iterdir() if path.suffix in COMMENTS and path.name != "__init__.py"]
    ranks = {name: rank for rank, name in enumerate(order)}
    return sorted(paths, key=lambda path: (ranks.get(path.stem, len(ranks)), path.name))


def sentence(path: Path) -> str:
    """Returns the first paragraph of an example's docstring, or of its opening comment."""
    text = path.read_text()
    if path.suffix == ".py":
        comment = ast.get_docstring(ast.parse(text)) or ""
    else:
        mark = COMMENTS[path.suffix]
        lines = text.splitlines()
        last = next(number for number, line in enumerate(lines) if not line.startswith(mark))
        comment = "\n".join(line.removeprefix(mark) for line in lines[:last])
    return " ".join(comment.partition("\n\n")[0].split()).replace("``", "`")


def index() -> str:
    """Returns every example as a row: a link to its file as seen from ``docs/``, and its sentence."""
    rows = ((f"[{path.name}](../tests/examples/{path.name})", sentence(path)) for path in files())
    return table(("file", "shows"), rows)
