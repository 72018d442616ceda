"""Checks for plain Schemathesis: ``SCHEMATHESIS_HOOKS=mockserver.hooks st run openapi.yaml --url ...``.

Each check of the judge that needs one reply only is registered under its own name. Checks that compare replies
(defaults, pages, completeness of filters) need the probes of ``mockserver check``. Two environment variables name known
deviations, which are passed over: MOCKSERVER_PROFILE=observed those of Logto 1.36, MOCKSERVER_KNOWN those of a file.
"""

from __future__ import annotations

import os
from typing import Any

import schemathesis
from schemathesis import CheckFunction

from mockserver.contract.document import LIST_PATH, promised
from mockserver.judge.checks import CHECKS, LOCAL
from mockserver.judge.known import known_deviations
from mockserver.judge.passive import PassiveJudge


@schemathesis.hook
def before_load_schema(context: schemathesis.HookContext, raw_schema: dict[str, Any]) -> None:
    """Take what is beyond the page out of the documented operation: it binds no deployment."""
    paths = raw_schema.get("paths", {})
    if LIST_PATH in paths:
        paths[LIST_PATH] = promised(paths[LIST_PATH])


# Schemathesis has checks of its own for these.
BUILT_IN = ("answered", "status-documented", "content-type", "schema")
HOOKED = tuple(
    check.name
    for check in LOCAL
    if check.name not in BUILT_IN and check.severity != "advice" and check.shown_by == "answer" and not check.doubtful
)


def hook(name: str, judge: PassiveJudge) -> CheckFunction:
    """Return the check of that name as Schemathesis calls it."""

    def check(
        context: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case[Any]
    ) -> bool | None:
        if case.operation.path != LIST_PATH:
            return True
        # Schemathesis counts any other exception than AssertionError as an error of the run.
        for finding in judge.breaks(response, (name,)):
            raise AssertionError(str(finding))
        return None

    check.__name__ = name
    check.__doc__ = CHECKS[name].sentence
    return check


known = known_deviations(os.environ.get("MOCKSERVER_PROFILE", ""), os.environ.get("MOCKSERVER_KNOWN", ""))
for _name in HOOKED:
    # Each check has a judge of its own, which remembers the logs of the whole run.
    schemathesis.check(hook(_name, PassiveJudge(known)))
