"""Checks: the things that the judge demands of a deployment, and how one is declared.

A check is a function with a declaration. Its name, its severity and its sentence stand in the decorator and nowhere
else; every other file refers to the decorated function. The decorators:

* ``check``: one answer shows the check, whoever sent the request. The function takes a ``Context`` and returns its
  breaks, or None when the check does not apply. `mockserver check`, the Schemathesis hooks and the passive judge all
  use it.
* ``probed``: the same, but only the judge's own probes can show it, since nobody else knows whether a credential was
  valid, or may be asked for a write.
* ``on_page``, ``on_200``, ``on_refusal``: a ``check`` that applies only to such answers.
* ``compared``: two answers show it. The function takes what its caller compares: a ``Difference`` for pages and
  listings. It says whether the check explains that difference.

``checks.CHECKS`` is the registry of all checks: forbidden ones first, then senseless ones, then advice, each in the
order of declaration. Help texts and reports keep this order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any, Literal

from mockserver.contract.document import LIST_PATH, Severity
from mockserver.judge.answer import Answer, Break, Listing, ProbeExchange, identity
from mockserver.judge.probe import Probe
from mockserver.judge.reading import Reading, read_query
from mockserver.judge.secrets import Secrets

Breaks = Iterable[Break] | None
# Enough for the logs that a run meets; a memory of this size learns no more.
CAPACITY = 5_000


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that a deployment must keep, with the function that judges it.

    ``sentence`` quotes the document if the severity is ``forbidden``; otherwise it says what any client expects.
    ``consequence_of`` names checks that explain this one: if one of them is broken too, the report shows this finding
    but does not count it. ``doubtful``: a race within the deployment may look like a break, so the judge asks again.
    ``applies`` says whether there is anything to judge.
    """

    name: str
    severity: Severity
    sentence: str
    function: Callable[..., Any]
    consequence_of: tuple[str, ...] = ()
    shown_by: Literal["answer", "probe", "comparison"] = "answer"
    doubtful: bool = False
    applies: Callable[..., bool] = lambda *facts: True

    def __call__(self, *facts: Any) -> Any:
        """What the function says of these facts; None if the check does not apply to them."""
        return self.function(*facts) if self.applies(*facts) else None


def check(name: str, severity: Severity, sentence: str, **more: Any) -> Callable[[Callable[..., Any]], Check]:
    """Declare the function below as a check; ``more`` are further fields of ``Check``."""
    return lambda function: Check(name, severity, sentence, function, **more)


# These apply to pages, to a 200 that is documented, and to refusals.
on_page = partial(check, applies=lambda context: context.answer.is_page)
on_200 = partial(check, applies=lambda context: context.answer.status == 200 and context.documented)
on_refusal = partial(check, applies=lambda context: context.answer.status >= 400)
probed = partial(check, shown_by="probe")
compared = partial(check, shown_by="comparison")


def consequence_of(*names: str) -> Callable[[Check], Check]:
    """Name the checks that explain the check below when they are broken."""
    return lambda check: replace(check, consequence_of=names)


def is_event(before: dict[str, Any], log: dict[str, Any]) -> bool:
    """Whether a log only gained members or lost some, at the top or in its payload."""
    differing = {name for name in before.keys() & log.keys() if before[name] != log[name]}
    if differing == {"payload"} and isinstance(before["payload"], dict) and isinstance(log["payload"], dict):
        old, new = before["payload"], log["payload"]
        return all(old[name] == new[name] or new[name] is None for name in old.keys() & new.keys())
    return not differing


class SeenLogs:
    """The logs seen so far, by identity and as they are, and the tenant they belong to.

    ``former`` holds those that gained or lost members, as they were before. ``tags`` holds the hash of what each strong
    tag of a request stood for.
    """

    def __init__(self) -> None:
        self.logs: dict[str, Any] = {}
        self.former: dict[str, Any] = {}
        self.tags: dict[Any, int] = {}
        self.tenant: Any = None

    def learn(self, logs: Listing) -> None:
        """Remember each log that was not seen before."""
        for log in logs:
            if not isinstance(log, dict) or len(self.logs) >= CAPACITY:
                continue
            name = identity(log)
            before = self.logs.setdefault(name, log)
            if before is not log and before != log and is_event(before, log):
                self.former.setdefault(name, before)
                self.logs[name] = log
            if self.tenant is None:
                self.tenant = log.get("tenantId")


@dataclass(frozen=True)
class Context:
    """One exchange, with the logs seen before it. ``credentials`` holds only what was shown to the target."""

    exchange: ProbeExchange
    memory: SeenLogs = field(default_factory=SeenLogs)
    credentials: Secrets = field(default_factory=Secrets)

    @property
    def probe(self) -> Probe:
        """The request."""
        return self.exchange.probe

    @property
    def answer(self) -> Answer:
        """The answer to judge."""
        return self.exchange.answer

    @cached_property
    def reading(self) -> Reading:
        """How the document reads the query."""
        return read_query(self.probe.parameters)

    @cached_property
    def changed(self) -> list[tuple[str, Any, Any]]:
        """The id of each log that was another when it was seen before, what it was, and what it is."""
        seen = self.memory.logs
        return [(name, seen[name], log) for name, log in self.answer.with_id if name in seen and seen[name] != log]

    @property
    def documented(self) -> bool:
        """Whether this is the request that the document describes, whoever sends it: GET of the list."""
        return self.probe.method == "GET" and not self.probe.item and self.probe.path == LIST_PATH

    @property
    def entitled(self) -> bool:
        """Whether this is the documented request, sent with a valid token."""
        return self.documented and self.probe.bearer == "token"
