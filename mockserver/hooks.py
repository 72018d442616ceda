"""Checks for plain Schemathesis: ``SCHEMATHESIS_HOOKS=mockserver.hooks st run openapi.yaml --url ...``.

Each check of the judge that needs one reply only is registered under its own name. Checks that compare replies
(defaults, pages, completeness of filters) need the probes of ``mockserver check``. A run that saw no log fails. Two
environment variables name known deviations, which are passed over, also by Schemathesis' own checks:
MOCKSERVER_PROFILE=observed those of Logto 1.36, MOCKSERVER_KNOWN those of a file. Curl lines repeat a request as it was
sent; the configured token is $MOCKSERVER_TOKEN in them.
"""

from __future__ import annotations

import functools
import inspect
import os
import shlex
from collections.abc import Mapping
from typing import Any, get_args

import schemathesis
from schemathesis import CheckFunction

from mockserver.contract.document import LIST_PATH, promised
from mockserver.contract.errors import lookup
from mockserver.contract.profile import ProfileName
from mockserver.judge.checks import CHECKS, LOCAL
from mockserver.judge.known import known_deviations
from mockserver.judge.passive import PassiveJudge, exchange_of
from mockserver.judge.validator import operation


@schemathesis.hook
def before_load_schema(context: schemathesis.HookContext, raw_schema: dict[str, Any]) -> None:
    """Take what is beyond the page out of the document: it binds no deployment."""
    raw_schema.update(promised(raw_schema))


@schemathesis.hook
def after_load_schema(context: schemathesis.HookContext, schema: Any) -> None:
    """Show every parameter in curl lines: Schemathesis takes ``logKey`` for a secret, because of its last letters."""
    schema.config.output.sanitization.sensitive_markers = ()


# Schemathesis has checks of its own for these.
BUILT_IN = ("answered", "status-documented", "content-type", "schema")
# The failures of its own checks that ours judge too. Of a doubtful one, ours decide alone: Schemathesis
# demands more than the document where a request is odd, such as an empty filter.
DOUBTFUL = ("AcceptedNegativeData", "RejectedPositiveData")
FAILURES = (
    "ServerError", "UndefinedStatusCode", "UndefinedContentType", "MissingContentType", "JsonSchemaError", *DOUBTFUL,
)  # fmt: skip
SAME = (*BUILT_IN, "valid-request-accepted", "invalid-request-refused")
# A refusal that holds logs breaks token-required, whichever token was refused.
SHOWN = (check for check in LOCAL if check.shown_by == "answer" or check.name == "token-required")
HOOKED = tuple(
    check.name for check in SHOWN if check.name not in BUILT_IN and check.severity != "advice" and not check.doubtful
)


@schemathesis.hook
def filter_failure(context: schemathesis.HookContext, failure: Any, case: Any, response: Any) -> bool:
    """Drop a failure of Schemathesis' own checks that is a known deviation, or no break of the document."""
    kind = type(failure).__name__
    if response.status_code == 501 and case.method != "GET":
        # RFC 9110, 15.6.2: a server may know a method for no resource at all.
        return False
    # The judges below validate by Schemathesis too: their own failures stay.
    if case.operation.path != LIST_PATH or kind not in FAILURES or case.operation.schema is operation().schema:
        return True
    news, broken = (any(judge.breaks(response, SAME)) for judge in (PassiveJudge(known), PassiveJudge()))
    return news or not (broken or kind in DOUBTFUL)


# Schemathesis' own method, also where this file is loaded again.
masked = inspect.unwrap(schemathesis.Case.as_curl_command)


@functools.wraps(masked)
def repeatable(case: schemathesis.Case[Any], headers: Mapping[str, Any] | None = None, *args: Any, **named: Any) -> str:
    """The curl line of a case with the token that was sent; the configured one is a variable in it."""
    config = case.operation.schema.config
    line: str = masked(case, headers, *args, **named)
    for name, value in (headers or {}).items():
        own = config.headers_for().get(name) == value
        shown = f'"{name}: Bearer $MOCKSERVER_TOKEN"' if own else shlex.quote(f"{name}: {value}")
        line = line.replace(shlex.quote(f"{name}: {config.output.sanitization.replacement}"), shown)
    return line


schemathesis.Case.as_curl_command = repeatable  # type: ignore[method-assign, assignment]  # no hook makes curl lines


class LogsSeen:
    """Some answer was a page with a log: a run that only saw refusals or empty pages proves nothing."""

    def __init__(self) -> None:
        self.statuses: set[int] = set()
        self.seen = False

    def after_response(self, context: schemathesis.CheckContext, response: Any, case: Any) -> None:
        """Note what an answer shows."""
        if case.operation.path == LIST_PATH:
            self.statuses.add(response.status_code)
            self.seen |= bool(exchange_of(response)[0].answer.logs)

    def after_run(self, context: schemathesis.CheckContext) -> None:
        """Raise AssertionError if no log was seen."""
        if self.statuses and not self.seen:
            raise AssertionError(f"No log was seen, only {sorted(self.statuses)}: give a token that sees logs.")


LogsSeen.__name__ = "logs-seen"
schemathesis.check(LogsSeen)


def hook(name: str, judge: PassiveJudge) -> CheckFunction:
    """Return the check of that name as Schemathesis calls it."""

    def check(context: schemathesis.CheckContext, response: Any, case: Any) -> bool | None:
        if case.operation.path != LIST_PATH:
            return True
        # Schemathesis counts any other exception than AssertionError as an error of the run.
        for finding in judge.breaks(response, (name,)):
            raise AssertionError(str(finding))
        return None

    check.__name__ = name
    check.__doc__ = CHECKS[name].sentence
    return check


profile = os.environ.get("MOCKSERVER_PROFILE") or "documented"
lookup("MOCKSERVER_PROFILE", profile, dict.fromkeys(get_args(ProfileName)))
known = known_deviations(profile, os.environ.get("MOCKSERVER_KNOWN", ""))
for _name in HOOKED:
    # Each check has a judge of its own, which remembers the logs of the whole run.
    schemathesis.check(hook(_name, PassiveJudge(known)))
