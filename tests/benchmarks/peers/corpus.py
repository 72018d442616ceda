"""The logs that every peer serves, and the answers that it must give before it is measured."""

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
# The path of the fixed page, for peers that can also search.
FIXED = "/page.json"

# A path, and the logs that the answer must have.
Question = tuple[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Logs as JSON, newest first."""

    texts: Sequence[bytes]

    @classmethod
    def drawn(cls) -> Corpus:
        """Returns the logs of a small deployment."""
        source = read_source(f"faker:count={LOGS}").open(Opening(1.8e9))
        return cls(tuple(source.logs("default").slice(EVERYTHING, 0, LOGS)))

    def array(self) -> bytes:
        """Returns all logs as JSON."""
        return _array(self.texts)

    def page(self) -> bytes:
        """Returns the first page as JSON, about 21 kB."""
        return _array(self.texts[:SIZE])

    def fixed(self, path: str) -> list[Question]:
        """Returns one question: the path of the fixed page."""
        return [(path, decode(self.page()))]

    def searches(self, page: str, key: str) -> list[Question]:
        """Returns a question for every page and, after it, the first page of a key; ``{}`` is what changes."""
        logs = decode(self.array())
        questions: list[Question] = []
        for number in range(LOGS // SIZE):
            wanted = KEYS[number % len(KEYS)]
            questions.append((page.format(number + 1), logs[number * SIZE : (number + 1) * SIZE]))
            questions.append((key.format(wanted), [log for log in logs if log["key"] == wanted][:SIZE]))
        return questions


def check(server: Process, name: str, questions: Sequence[Question]) -> None:
    """Raises SystemExit if an answer is not exactly the expected logs: the speed of other answers means nothing."""
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
