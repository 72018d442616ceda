"""The generated parts of README.md: ``python -m tests.support.docs`` writes them, a test compares them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from mockserver.contract import contract

README = Path(__file__).parent.parent.parent / "README.md"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A markdown table; a vertical bar within a cell is escaped."""
    names = list(head)
    lines = [names, ["---"] * len(names), *(list(row) for row in rows)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def differences() -> str:
    """What the document says and what was seen, a fact a row."""
    rows = (
        (f"`{fact.name}`", fact.documented, fact.observed, ", ".join(fact.seen)) for fact in contract().facts.values()
    )
    return table(("fact", "documented", "observed", "seen"), rows)


PARTS: dict[str, Callable[[], str]] = {"differences": differences}


def generated(text: str) -> str:
    """The text with every marked part as its registry has it now."""
    for name, make in PARTS.items():
        part = f"<!-- {name} -->\n{make()}\n<!-- /{name} -->"
        text = re.sub(rf"<!-- {name} -->\n.*?<!-- /{name} -->", lambda _, part=part: part, text, flags=re.DOTALL)
    return text


if __name__ == "__main__":
    README.write_text(generated(README.read_text()))
