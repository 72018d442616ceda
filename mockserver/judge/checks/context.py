"""The context of a local check: one exchange, how the page reads its query, and what was seen before it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mockserver.judge.answer import Break, ProbeExchange
from mockserver.judge.reading import Reading, read_query
from mockserver.judge.secrets import Secrets
from mockserver.judge.seen import SeenLogs

Breaks = Iterable[Break] | None


@dataclass(frozen=True, slots=True)
class Context:
    """What a local check judges. ``credentials`` know what was shown to the target, and nothing else."""

    exchange: ProbeExchange
    reading: Reading
    memory: SeenLogs
    credentials: Secrets

    @property
    def documented(self) -> bool:
        """Whether this is the request that the page documents, whoever asks: GET of the list."""
        return self.exchange.probe.method == "GET" and not self.exchange.probe.item

    @property
    def entitled(self) -> bool:
        """Whether that request comes with a token that is good for it."""
        return self.documented and self.exchange.probe.bearer == "token"


def context(exchange: ProbeExchange, memory: SeenLogs, credentials: Secrets) -> Context:
    """The context of one exchange."""
    return Context(exchange, read_query(exchange.probe.parameters), memory, credentials)
