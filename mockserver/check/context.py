"""The context of a local check: one exchange, how the page reads its query, and what was seen before it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mockserver.check.answer import Break, Exchange
from mockserver.check.memory import Memory
from mockserver.check.reading import Reading, read
from mockserver.check.secrets import Secrets

Breaks = Iterable[Break] | None


@dataclass(frozen=True, slots=True)
class Context:
    """What a local check judges. ``credentials`` know what was shown to the target, and nothing else."""

    exchange: Exchange
    reading: Reading
    memory: Memory
    credentials: Secrets

    @property
    def documented(self) -> bool:
        """Whether this is the request that the page documents, whoever asks: GET of the list."""
        return self.exchange.probe.method == "GET" and not self.exchange.probe.item

    @property
    def entitled(self) -> bool:
        """Whether that request comes with a token that is good for it."""
        return self.documented and self.exchange.probe.bearer == "token"


def context(exchange: Exchange, memory: Memory, credentials: Secrets) -> Context:
    """The context of one exchange."""
    return Context(exchange, read(exchange.probe.parameters), memory, credentials)
