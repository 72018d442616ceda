"""Settings: the options of one server, frozen and checked when made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Annotated, Any, Literal, TypedDict, get_args

from mockserver.contract.errors import MockserverError, named, unknown
from mockserver.contract.profile import ProfileName
from mockserver.http.forwarded import is_base

AuthMode = Literal["tokens", "any", "off"]
LinkBase = Literal["api", "observed"]
# Seeds are below this. The control API shows the seed, and the JSON library writes no larger whole number.
SEEDS = 2**63


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that a server needs to know; the defaults are those of ``serve``. Raises MockserverError.

    ``logs`` is the text of a source, ``faults`` are the texts of rules, ``seed`` seeds the plan. ``now`` is when
    generated logs end: ``live``, an ISO 8601 moment, or empty for the start of the current day. ``growth`` is in logs a
    second. ``link_base`` None means the profile's own. ``base_url`` is where clients reach the server, if not where it
    listens; ``trusted_proxy`` says that a proxy in front of it sets X-Forwarded-Proto, -Host and -Prefix.
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
    base_url: str = ""
    trusted_proxy: bool = False

    def __post_init__(self) -> None:
        choices = (("profile", ProfileName), ("auth", AuthMode), ("link_base", LinkBase))
        for name, names in choices:
            value = getattr(self, name)
            if value not in get_args(names) and (name, value) != ("link_base", None):
                raise unknown(name.replace("_", "-"), value, get_args(names))
        if not 0 <= self.port <= 65535:
            raise MockserverError("port", str(self.port), "0 to 65535", "0 picks a free one")
        if not -SEEDS <= self.seed < SEEDS:
            raise MockserverError("seed", "one too large", "a whole number of 64 bits")
        token = self.admin_token
        if token is not None and not (token and token == token.strip() and token.isprintable()):
            # An unset variable in a script makes it empty: `Authorization: Bearer` would then open the control API.
            found = "one that no header can hold" if token else "an empty one"
            raise MockserverError("admin-token", found, "visible characters without blanks around them")
        if not 0 <= self.growth < float("inf"):
            raise MockserverError("growth", str(self.growth), "a number of logs a second from 0")
        if self.base_url and not is_base(self.base_url):
            raise MockserverError("base-url", repr(self.base_url), "a URL such as https://mock.example.com/logto")
        if self.allow_invalid and self.profile == "documented":
            remedy = "add --profile observed: the documented one serves only logs that keep the contract"
            raise MockserverError("allow-invalid", "profile documented", "an observed profile", remedy)


_DEFAULTS = {field.name: field.default for field in fields(Settings)}
# The types that a value may have, by the type of the default, and their name in an error.
_TYPES: dict[type, tuple[tuple[type, ...], str]] = {
    str: ((str,), "a text"), int: ((int,), "a whole number"), float: ((int, float), "a number"),
    bool: ((bool,), "true or false"), tuple: ((list, tuple), "a list of rule texts"),
    type(None): ((str, type(None)), "a text"),
}  # fmt: skip


class TenantSettings(TypedDict, total=False):
    """The settings that a tenant may have of its own: what is not named has the server's value.

    The mark of the pytest plugin and the control API set them.
    """

    logs: str
    profile: ProfileName
    faults: Sequence[str]
    seed: Annotated[int, {"minimum": -SEEDS, "maximum": SEEDS - 1}]
    now: str
    growth: Annotated[float, {"minimum": 0}]
    auth: AuthMode
    link_base: LinkBase | None
    allow_invalid: bool


TENANT_SETTINGS = tuple(TenantSettings.__annotations__)


def changed(
    settings: Settings, values: Mapping[str, Any], place: str = "settings", shown: Callable[[Any], str] = named
) -> Settings:
    """The settings with other values for one tenant, as JSON or a mark gives them; ``shown`` writes one for an error.

    Raises MockserverError for an unknown name, with a list of the known ones, and for a value that does not fit.
    """
    checked: dict[str, Any] = {}
    for name, value in values.items():
        if name not in TENANT_SETTINGS:
            raise unknown(f"{place} argument", name, TENANT_SETTINGS)
        types, expected = _TYPES[type(_DEFAULTS[name])]
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            raise MockserverError(f"{place}: {name}", shown(value), expected)
        checked[name] = tuple(value) if isinstance(value, list) else value
    return replace(settings, **checked)
