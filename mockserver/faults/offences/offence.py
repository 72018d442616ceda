"""What an offence is, and how a family of them is a product. All texts of offences are in ``offences.yaml``.

An offence has a name, a sentence, a severity, the check of the judge that must charge it, and a change. The change maps
the honest page to the answer that breaks the contract, or to None when it does not apply; then the honest answer is
sent. ``changes.py`` has what most of them are made of, and the files beside it have one family each::

    yield from listed({"page-ignored": as_if(anywhere, page=None)})

**Products.** A break seldom needs all of what a request says: it needs one parameter, or one beside another, one
method, one kind of token. Nobody thinks of each combination, so a ``Product`` names its dimensions, and builds an
offence from each combination of their values. Its name is that of the product, then the labels of the values; an empty
label is the value that changes nothing. A value of the dimension ``aim`` says which requests the offence is about, one
of ``known`` how many logs show it. All of them are many, so ``pairwise`` takes a sample in which any two values of
different dimensions meet at least once: most defects need no more than two. It picks from the offences that there are,
since values exclude each other, and a covering array of all combinations would count pairs that no offence has.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, product
from pathlib import Path
from typing import Any, NamedTuple

from mockserver.contract.document import Severity, contract, read_yaml
from mockserver.faults.fault import Case
from mockserver.faults.offences.changes import Change
from mockserver.faults.offences.page import HonestPage, TooLargeError
from mockserver.http.message import Reply, Request


class Aim(NamedTuple):
    """The requests that an offence is about: those that read lists and logs, or of one method to one ``path``."""

    method: str = "GET"
    path: str = ""


READING = Aim()


@dataclass(frozen=True, slots=True)
class Offence:
    """One way of breaking the contract.

    ``check`` names the check of the judge that must charge it, and has the same ``severity``. ``make`` returns the
    answer that breaks the contract, or None when the offence does not apply to the request. ``labels`` are its values
    in the dimensions of the product ``family``, if it is of one. ``logs``: how many logs show it. Where ``aim`` has a
    path, it strikes only requests to it; a browser's preflight is none of them.
    """

    name: str
    severity: Severity
    check: str
    sentence: str
    make: Change
    family: str = ""
    labels: tuple[str, ...] = ()
    logs: int = 400
    aim: Aim = READING

    def concerns(self, request: Request, reads: bool) -> bool:
        """Whether it can strike a request; ``reads``: whether that reads a list or a log."""
        if not self.aim.path:
            return reads
        is_preflight = request.header("access-control-request-method") is not None
        return (request.method, is_preflight) == (self.aim.method, False) and request.path.endswith(self.aim.path)

    def change(self, case: Case) -> Reply | None:
        """The answer that breaks the contract; None when the honest answer stands, as it does when it is too large."""
        try:
            return self.make(HonestPage(case))
        except TooLargeError:
            return None


@cache
def _texts() -> Any:
    return read_yaml((Path(__file__).parent / "offences.yaml").read_bytes())


def _severity(check: str) -> Severity:
    severities: dict[Severity, Any] = _texts()["offences"]
    return next(severity for severity, checks in severities.items() if check in checks)


def listed(changes: Mapping[str, Change]) -> Iterator[Offence]:
    """The offences of these names, with their texts."""
    kept = [pair for checks in _texts()["offences"].values() for pair in checks.items()]
    texts = {name: (check, sentence) for check, named in kept for name, sentence in named.items()}
    for name, change in changes.items():
        check, sentence = texts[name]
        yield Offence(name, _severity(check), check, sentence, change)


@dataclass(frozen=True, slots=True)
class Product:
    """A family of offences: ``build`` makes a change of each combination of the values that its dimensions have.

    It gets the values by the names of their dimensions, and returns None for values that exclude each other. Names
    begin with the family, unless they are ``bare``.
    """

    family: str
    dimensions: Mapping[str, Mapping[str, Any]]
    build: Callable[..., Change | None]
    bare: bool = False

    def __iter__(self) -> Iterator[Offence]:
        text = _texts()["products"][self.family]
        for combination in product(*(values.items() for values in self.dimensions.values())):
            labels, meanings = zip(*combination, strict=True)
            named, meant = (dict(zip(self.dimensions, each, strict=True)) for each in (labels, meanings))
            if (change := self.build(**meant)) is None:
                continue
            words = {name: _words(text["words"].get(name, {}), label) for name, label in named.items()}
            charges = (by.get(named[dimension], by.get("*")) for dimension, by in text["charges"].items())
            check = [*filter(None, charges)][-1]
            name = "-".join(filter(None, ("" if self.bare else self.family, *labels)))
            more = (change, self.family, labels, meant.get("known", 400), meant.get("aim", READING))
            yield Offence(name, _severity(check), check, text["sentence"].format(**words), *more)


def _words(by_label: Mapping[str, str], label: str) -> str:
    """The words of a label, else those of every other label with it, else the label itself."""
    word = name if (name := label.replace("-", "_")) in contract().parameters else label
    return by_label.get(label, by_label.get("*", "{}").format(word) if label else "")


def pairwise(offences: Sequence[Offence], seed: int) -> list[Offence]:
    """Those of no product, and of each product so many that any two values which can meet do; drawn by the seed."""
    drawn = random.Random(seed).sample(offences, len(offences))  # noqa: S311  # draws a sample, no secret
    open_pairs = {pair for offence in drawn for pair in _pairs(offence)}
    sample: set[str] = set()
    for most in range(max(len(_pairs(offence)) for offence in drawn), 0, -1):
        for offence in drawn:
            if len(open_pairs & _pairs(offence)) == most:
                open_pairs -= _pairs(offence)
                sample.add(offence.name)
    return [offence for offence in offences if not offence.labels or offence.name in sample]


def _pairs(offence: Offence) -> set[tuple[Any, ...]]:
    """The pairs of values that an offence shows, a value alone where its product has but one dimension."""
    values = [(offence.family, place, label) for place, label in enumerate(offence.labels)]
    return {*combinations(values, min(2, len(values)))} if values else set()


def values(family: str, dimension: str) -> dict[str, Any]:
    """What the labels of a dimension mean, where that is a text or a number: by label, from ``offences.yaml``."""
    return dict(_texts()["products"][family]["values"][dimension])


def patterns(family: str, dimension: str) -> dict[str, Callable[[str], object]]:
    """Whether a text has the form that a label means: by label, from the regular expressions in ``offences.yaml``."""
    return {label: re.compile(form, re.DOTALL).search for label, form in values(family, dimension).items()}


def parameters(*names: str) -> dict[str, str]:
    """The dimension of the parameter that a request must have; an empty name means any request."""
    return {name.replace("_", "-"): name for name in names}
