"""Accepted findings: entries for a file of known deviations, so that the next run fails for news alone.

An entry demands what all exchanges of its finding have in common: the method, each parameter and its least number, the
status, code and type of the answers, the subject. So "page_size=1000 is refused" does not excuse that page_size=1 is.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockserver.contract.document import read_plain_yaml
from mockserver.contract.errors import MockserverError
from mockserver.contract.jsontext import encode
from mockserver.judge.answer import Break, ProbeExchange

if TYPE_CHECKING:
    from mockserver.judge.findings import Finding

# What an entry demands: facts of an answer by name; parameters as ``?name`` with a number, or ANY for any text.
Traits = dict[str, Any]
ANY = -math.inf


def traits(exchange: ProbeExchange, broken: Break) -> Traits:
    """What an entry can demand of an exchange and its break."""
    probe, answer = exchange.probe, exchange.answer
    asked = {f"?{name}": _number(text) for name, text in probe.parameters if re.fullmatch(r"\w+", name)}
    answered = {"status": answer.status, "code": answer.code, "content_type": answer.media_type}
    return {**asked, "method": probe.method, **answered, "subject": broken.subject}


def shared(one: Traits, other: Traits) -> Traits:
    """The traits that two exchanges have in common."""
    both = {name: (one[name], other[name]) for name in one if name in other}
    return {name: min(pair) for name, pair in both.items() if name[0] == "?" or pair[0] == pair[1]}


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        return ANY
    return number if math.isfinite(number) else ANY


def accept(path: Path, findings: Iterable[Finding], clean: Callable[[str], str]) -> int:
    """Add the findings that can fail a run to a YAML file, and return how many they are.

    ``clean`` takes out of a text what no file may tell. Raises MockserverError for a file that cannot be added to.
    """
    news = [
        _entry(finding, lambda text: "".join(c if c.isprintable() else "�" for c in clean(text)))
        for finding in findings
        if finding.weight in ("forbidden", "senseless")
    ]
    try:
        before = path.read_text("utf-8") if path.exists() else ""
        kept = before.rstrip() + "\n" if before and read_plain_yaml(before.encode()) else ""
        text = kept + "".join(f"- {encode(entry).decode()}\n" for entry in news) or "[]\n"
        read_plain_yaml(text.encode())
        path.write_text(text, "utf-8")
    except (OSError, ValueError) as error:
        found = str(getattr(error, "strerror", None) or "YAML that no line can be added to").lower()
        raise MockserverError(str(path), found, "a file to add lines to, which begin with -", "see --accept") from None
    return len(news)


def _entry(finding: Finding, clean: Callable[[str], str]) -> dict[str, Any]:
    asked = {name[1:]: least for name, least in finding.traits.items() if name[0] == "?"}
    when = [f"method = {finding.traits['method']}"] if "method" in finding.traits else []
    when += [f"{name} ~ .*" if least == ANY else f"{name} >= {least:.17g}" for name, least in sorted(asked.items())]
    answer = {name: value for name, value in finding.traits.items() if name[0] != "?" and name != "method"}
    check, broken = finding.check.name, finding.broken
    day = datetime.datetime.now(datetime.UTC).date()
    return {
        "id": clean(": ".join(filter(None, (check, broken.subject)))),
        "check": check,
        "when": " and ".join(when),
        "answer": {name: value for name, value in answer.items() if clean(str(value)) == str(value)},
        "reason": clean(f"accepted on {day}: expected {broken.expected}, came {broken.came}"),
    }
