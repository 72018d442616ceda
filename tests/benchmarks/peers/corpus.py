"""The logs that every peer serves, and what it must answer before it is measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mockserver.contract.filters import EVERYTHING
from mockserver.contract.jsontext import decode
from mockserver.logs.source import Opening, read_source
from tests.benchmarks.servers import Process

LOGS = 800
SIZE = 20
KEYS = ("Interaction.Create", "Interaction.End", "ExchangeTokenBy.AuthorizationCode")
# Where peers serve one fixed page beside those that they find.
FIXED = "/page.json"

# A path, and the logs that it must answer with.
Question = tuple[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Corpus:
    """TenantLogs, newest first."""

    texts: Sequence[bytes]

    @classmethod
    def drawn(cls) -> Corpus:
        """As many as a small deployment has."""
        source = read_source(f"faker:count={LOGS}").open(Opening(1.8e9))
        return cls(tuple(source.logs("default").slice(EVERYTHING, 0, LOGS)))

    def array(self) -> bytes:
        """All of them as JSON."""
        return _array(self.texts)

    def page(self) -> bytes:
        """The first page as JSON, about 21 kB."""
        return _array(self.texts[:SIZE])

    def fixed(self, path: str) -> list[Question]:
        """The first page, whatever is asked."""
        return [(path, decode(self.page()))]

    def found(self, page: str, key: str) -> list[Question]:
        """Every page, and after each the first one of a key; both paths have a ``{}`` for what changes."""
        logs = decode(self.array())
        questions: list[Question] = []
        for number in range(LOGS // SIZE):
            wanted = KEYS[number % len(KEYS)]
            questions.append((page.format(number + 1), logs[number * SIZE : (number + 1) * SIZE]))
            questions.append((key.format(wanted), [log for log in logs if log["key"] == wanted][:SIZE]))
        return questions


def check(server: Process, name: str, questions: Sequence[Question]) -> None:
    """Raises SystemExit where an answer is not exactly the logs expected: speed of anything else says nothing."""
    for path, logs in dict(questions).items():
        try:
            body = server.page(path)[1]
            answered = decode(body)
        except (OSError, ValueError) as error:
            raise SystemExit(f"{name}: {path}: {error}") from None
        if answered != logs:
            raise SystemExit(f"{name}: {path}: {len(body)} bytes that are not the {len(logs)} logs expected")


def _array(texts: Sequence[bytes]) -> bytes:
    return b"[" + b",".join(texts) + b"]"
