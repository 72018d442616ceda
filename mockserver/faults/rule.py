"""Rules: a fault and when it strikes, read from one text or from named values, and printed as one text.

    status:code=503,times=2,page=3
    kind   own      condition match

A rule's text names the kind, then values of three sorts: the fault's own parameters, the conditions that every kind
takes (``Conditions``), and query parameters of the document, which say what requests the rule matches. ``text`` prints
them in this order and in one form each, so that equal rules have equal texts; reading the text gives the rule again.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain
from typing import Any
from urllib.parse import parse_qsl

from mockserver.contract import grammar
from mockserver.contract.document import Parameter, contract
from mockserver.contract.errors import lookup, unknown
from mockserver.contract.grammar import parameter
from mockserver.faults.fault import Chance, Fault, Tally
from mockserver.faults.kinds import KINDS
from mockserver.http.message import Request


@dataclass(frozen=True, slots=True)
class Conditions:
    """How often a rule strikes the requests that it matches; skip comes first, then every, then rate."""

    rate: float = parameter(1.0, help="the share of requests it strikes, chosen by the seed", at_least=0, at_most=1)
    times: int | None = parameter(None, help="strike this many times, then no more", at_least=1)
    skip: int = parameter(0, help="let this many requests pass first", at_least=0)
    every: int = parameter(1, help="strike only every N-th request", at_least=1)


@cache
def matches() -> type[Any]:
    """The record of the query parameters that a rule can match, made from the document."""
    types = {"integer": "int", "string": "str"}
    fields = [
        (p.name, types[p.type], parameter(None, help=f"only requests with this {p.name}", at_least=p.minimum))
        for p in contract().parameters.values()
    ]
    return dataclasses.make_dataclass("Matches", fields, frozen=True)


@dataclass(frozen=True)
class Rule:
    """A fault, how often it strikes, and a record of ``matches``: the query values of the requests that it matches."""

    fault: Fault
    conditions: Conditions
    where: Any

    @cached_property
    def kind(self) -> str:
        """The name of the fault."""
        return next(name for name, kind in KINDS.items() if kind is type(self.fault))

    @cached_property
    def fields(self) -> dict[str, grammar.Scalar]:
        """Every value that is not the default, by name: the fault's, the conditions', those that requests match."""
        return {**grammar.values_of(self.fault), **grammar.values_of(self.conditions), **self._wanted}

    @cached_property
    def _wanted(self) -> dict[str, grammar.Scalar]:
        return grammar.values_of(self.where)

    @cached_property
    def text(self) -> str:
        """The rule as one text; reading it gives an equal rule."""
        return grammar.show(self.kind, self.fields)

    def matches(self, request: Request, reads: bool = True) -> bool:
        """Whether the fault concerns the request, and it has every query value of the rule; a parameter that it leaves
        out has its default. ``reads``: whether it reads a list or a log."""
        if not self._wanted or not self.fault.concerns(request, reads):
            return self.fault.concerns(request, reads)
        query = dict(reversed(parse_qsl(request.query, keep_blank_values=True)))
        documented = contract().parameters
        return all(_is_same(documented[name], query.get(name), value) for name, value in self._wanted.items())

    def strikes(self, seed: int, now: float, tally: Tally) -> Chance | None:
        """Count one more matching request; returns its chance when the fault strikes it, else None."""
        tally.matched += 1
        conditions, past = self.conditions, tally.matched - self.conditions.skip
        if past <= 0 or past % conditions.every or tally.fired == conditions.times:
            return None
        chance = Chance(seed, self.text, tally.matched)
        if conditions.rate < 1 and chance.uniform("rate") >= conditions.rate:
            return None
        if not self.fault.strikes(now, tally):
            return None
        tally.fired += 1
        return chance


def read_rule(text: str) -> Rule:
    """The rule of a text such as ``status:code=503,times=2``; raises MockserverError that lists the known names."""
    return build_rule(*grammar.parse(text))


def build_rule(kind: str, values: Mapping[str, Any]) -> Rule:
    """The rule of a kind from named values, as text or as JSON values; raises MockserverError."""
    records: tuple[type[Any], ...] = (lookup("fault", kind, KINDS), Conditions, matches())
    names = [[field.name for field in dataclasses.fields(record)] for record in records]
    for name in values:
        if not any(name in own for own in names):
            raise unknown(f"{kind} parameter", name, chain.from_iterable(names))
    parts = (
        grammar.build(record, kind, {name: value for name, value in values.items() if name in own})
        for record, own in zip(records, names, strict=True)
    )
    return Rule(*parts)


def _is_same(p: Parameter, given: str | None, wanted: grammar.Scalar) -> bool:
    if isinstance(wanted, str):
        return (given or "") == wanted
    text = str(p.default) if given is None else given
    return text == str(wanted) or (text.isdecimal() and text.isascii() and text.lstrip("0") == str(wanted))
