"""Prints the size of the package, a room a line: ``python -m tests.support.sizes``.

Size is counted in code lines: lines that are neither blank, comment nor docstring. Comments and docstrings are free, so
that nobody saves them.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.support.tables import table

PACKAGE = Path(__file__).parent.parent.parent / "mockserver"
# Tokens that no line of code consists of.
_LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
# A comment of JavaScript that stands on lines of its own.
_JAVASCRIPT_COMMENT = re.compile(r"^[ \t]*(?://[^\n]*|/\*(?:(?!\*/)[\s\S])*\*/[ \t]*)$", re.MULTILINE)


def python_lines(text: str) -> int:
    """Returns the number of code lines of a Python file."""
    numbers: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in _LAYOUT:
            numbers.update(range(token.start[0], token.end[0] + 1))
    for docstring in _docstrings(ast.parse(text)):
        numbers.difference_update(range(docstring.lineno, (docstring.end_lineno or docstring.lineno) + 1))
    lines = text.splitlines()
    return sum(bool(lines[number - 1].strip()) for number in numbers)


def _docstrings(tree: ast.Module) -> Iterator[ast.Expr]:
    for node in ast.walk(tree):
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            statement = node.body[0]
            assert isinstance(statement, ast.Expr)
            yield statement


def javascript_lines(text: str) -> int:
    """Returns the number of code lines of a JavaScript file."""
    return sum(bool(line.strip()) for line in _JAVASCRIPT_COMMENT.sub("", text).splitlines())


def rooms() -> Counter[str]:
    """Returns the code lines of Python in each room; the files beside the rooms are counted under their own names."""
    sizes: Counter[str] = Counter()
    for path in PACKAGE.rglob("*.py"):
        sizes[path.relative_to(PACKAGE).parts[0]] += python_lines(path.read_text(encoding="utf-8"))
    return sizes


def javascript() -> int:
    """Returns the code lines of JavaScript in the package."""
    return sum(javascript_lines(path.read_text(encoding="utf-8")) for path in PACKAGE.rglob("*.js"))


def report() -> str:
    """Returns the sizes as a Markdown table, the largest room first."""
    sizes = rooms()
    rows = [(f"`{name}`", f"{size:,}") for name, size in sizes.most_common()]
    rows += [("Python, all", f"{sizes.total():,}"), ("JavaScript", f"{javascript():,}")]
    return table(("room", "code lines"), rows)


if __name__ == "__main__":
    sys.stdout.write(f"{report()}\n")
