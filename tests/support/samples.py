"""Sample logs, composed by number without the sources of the mock."""

from __future__ import annotations

from typing import Any

Log = dict[str, Any]
KEYS = (
    "Interaction.Create",
    "Interaction.End",
    "ExchangeTokenBy.AuthorizationCode",
    "RevokeToken",
    "interaction.create",
)


def a_log(number: int, *, minimal: bool = False, tied: bool = False) -> Log:
    """Returns log ``number``; each of its values repeats with its own period, and the periods share no divisor."""
    payload: Log = {"key": KEYS[number % 5], "result": "Error" if number % 7 == 3 else "Success"}
    if not minimal:
        agent = f"ExampleBrowser/{number % 3}.0 (device {number % 11})"
        payload |= {
            "ip": f"198.51.100.{number % 200}",
            "userAgent": agent,
            "userAgentParsed": {"ua": agent},
            "extra": [number],
        }
        if number % 4:
            payload["userId"] = f"user{number * number % 13:08d}"
        if number % 3:
            payload["applicationId"] = f"application{number % 6:010d}"
    moment = 1_767_225_600_000 + (number // 5 if tied else number) * 1000
    return {
        "tenantId": "default",
        "id": f"log{number:018d}",
        "key": KEYS[number % 5],
        "payload": payload,
        "createdAt": moment,
    }


def some_logs(count: int, **how: bool) -> list[Log]:
    """Returns ``count`` logs, newest first; ``how`` are the options of ``a_log``."""
    return [a_log(number, **how) for number in reversed(range(count))]
