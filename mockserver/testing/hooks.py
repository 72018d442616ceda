"""Checks for plain Schemathesis: ``SCHEMATHESIS_HOOKS=mockserver.hooks st run openapi.yaml --url ...``.

Each rule of the judge that one answer can break becomes a check of its own name. Relations between answers (defaults,
pages, completeness of filters) need probes: ``mockserver check``. MOCKSERVER_PROFILE=observed passes over what is known
of Logto 1.36, MOCKSERVER_KNOWN names a file of further known deviations.
"""

from __future__ import annotations

import datetime
import os
from pathlib import Path
from typing import Any

import schemathesis
from schemathesis import CheckFunction

from mockserver.contract.document import LIST_PATH
from mockserver.judge.checks import CHECKS, LOCAL
from mockserver.judge.known import OBSERVED, Deviation, deviations
from mockserver.judge.passive import PassiveJudge

Case = schemathesis.Case[Any]

# What Schemathesis checks by itself, under names of its own.
BUILT_IN = ("answered", "status-documented", "content-type", "schema")
HOOKED = tuple(
    check.name
    for check in LOCAL
    if check.name not in BUILT_IN and check.severity != "advice" and check.shown_by == "answer" and not check.doubtful
)


def _deviations() -> tuple[Deviation, ...]:
    files = [OBSERVED] if os.environ.get("MOCKSERVER_PROFILE", "").startswith("observed") else []
    files += [Path(os.environ["MOCKSERVER_KNOWN"])] if os.environ.get("MOCKSERVER_KNOWN") else []
    today = datetime.datetime.now(datetime.UTC).date()
    return tuple(deviation for file in files for deviation in deviations(file, today))


def _check(rule: str, witness: PassiveJudge) -> CheckFunction:
    def check(context: schemathesis.CheckContext, response: schemathesis.Response, case: Case) -> bool | None:
        if case.operation.path != LIST_PATH:
            return True
        # Any other exception than AssertionError would count as an error of the run, not of the deployment.
        for witnessed in witness.breaks(response, (rule,)):
            raise AssertionError(str(witnessed))
        return None

    check.__name__ = rule
    check.__doc__ = CHECKS[rule].sentence
    return check


def register() -> None:
    """Register every check with Schemathesis; each remembers what it saw, for the run."""
    known = _deviations()
    for rule in HOOKED:
        schemathesis.check(_check(rule, PassiveJudge(known)))
