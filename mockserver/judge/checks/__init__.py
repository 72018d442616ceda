"""What the judge demands: every check by name, in the order of help texts and reports."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import get_args

from mockserver.contract.document import Severity
from mockserver.contract.errors import unknown
from mockserver.judge.checks import answer, headers, http, listing, logs, security
from mockserver.judge.checks.check import Check

# The modules that declare checks, in the order of their checks in reports.
_MODULES = (answer, listing, logs, headers, security, http)
_DECLARED = [value for module in _MODULES for value in vars(module).values() if isinstance(value, Check)]

CHECKS: Mapping[str, Check] = MappingProxyType(
    {check.name: check for severity in get_args(Severity) for check in _DECLARED if check.severity == severity}
)
# The checks that one answer shows.
LOCAL = tuple(check for check in CHECKS.values() if check.shown_by != "comparison")


def find_check(name: str) -> Check:
    """The check with this name; raises MockserverError that lists the known ones."""
    try:
        return CHECKS[name]
    except KeyError:
        raise unknown("check", name, CHECKS) from None
