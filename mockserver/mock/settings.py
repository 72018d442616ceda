"""Settings: what ``serve`` was told, frozen and checked when made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from mockserver.contract.errors import MockserverError, unknown
from mockserver.contract.profile import ProfileName

AuthMode = Literal["tokens", "any", "off"]
LinkBase = Literal["api", "observed"]


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a server needs to know; the defaults are those of ``serve``.

    ``logs`` is a source text, ``faults`` are rule texts, ``seed`` seeds the fault plan, ``now`` is ``live``, empty (the
    current day's start for generated logs) or an ISO 8601 moment, ``growth`` is in logs a second, ``link_base`` None
    means the profile's own.
    """

    host: str = "127.0.0.1"
    port: int = 3001
    logs: str = "faker:count=1000,seed=0"
    profile: ProfileName = "documented"
    faults: tuple[str, ...] = ()
    seed: int = 0
    now: str = ""
    growth: float = 0.0
    auth: AuthMode = "tokens"
    admin_token: str | None = None
    link_base: LinkBase | None = None
    allow_invalid: bool = False

    def __post_init__(self) -> None:
        _one_of("profile", self.profile, get_args(ProfileName))
        _one_of("auth", self.auth, get_args(AuthMode))
        if self.link_base is not None:
            _one_of("link-base", self.link_base, get_args(LinkBase))
        if not 0 <= self.port <= 65535:
            raise MockserverError("port", str(self.port), "0 to 65535", "0 picks a free one")
        if not -(2**63) <= self.seed < 2**63:
            # The control API tells it, and JSON is written with no larger whole number.
            raise MockserverError("seed", "one too large", "a whole number of 64 bits")
        if self.admin_token is not None and not _can_be_sent(self.admin_token):
            # An unset variable in a script makes it empty: `Authorization: Bearer` would then open the control API.
            found = "one that no header can hold" if self.admin_token else "an empty one"
            raise MockserverError("admin-token", found, "visible characters without blanks around them")
        if not 0 <= self.growth < float("inf"):
            raise MockserverError("growth", str(self.growth), "a number of logs a second from 0")
        if self.allow_invalid and self.profile == "documented":
            raise MockserverError(
                "allow-invalid",
                "profile documented",
                "an observed profile",
                "add --profile observed: the documented one serves only logs that keep the contract",
            )


def _can_be_sent(token: str) -> bool:
    return token != "" and token == token.strip() and token.isprintable()


def _one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise unknown(name, value, known)
