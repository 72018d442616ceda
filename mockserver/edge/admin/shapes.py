"""Shapes: what routes take and answer, as types of JSON: ``document`` describes them, mypy holds the code to them.

A text within ``Annotated`` is the description of a member, and an object is a part of its JSON schema.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from mockserver.contract.document import Parameter, Severity
from mockserver.contract.grammar import Scalar
from mockserver.edge.command import ProblemJson
from mockserver.mock.settings import TenantSettings
from mockserver.mock.tenants import FARTHEST

_LOG = {"$ref": "#/components/schemas/Log"}
_NEW_LOG = {"$ref": "#/components/schemas/NewLog"}
# Bytes that are JSON already.
LogsJson = Annotated[bytes, {"type": "array", "items": _LOG}]
AddedJson = Annotated[bytes, {"anyOf": [_LOG, {"type": "array", "items": _LOG}]}]
# Bodies whose schema is made from the contract, and from the kinds of faults.
NewLogsJson = Annotated[Any, {"anyOf": [_NEW_LOG, {"type": "array", "items": _NEW_LOG}]}]
RuleJson = Annotated[Any, {"$ref": "#/components/schemas/Rule"}]
ObjectJson = Annotated[dict[str, Any], {"type": "object"}]

Moment = Annotated[float, "Seconds since 1970."]
HeaderList = Annotated[list[list[str]], "Pairs of name and value."]


class HealthJson(TypedDict):
    """The mock runs."""

    status: Literal["ok"]
    version: str


class RefusalJson(TypedDict):
    """Why a request was refused. ``data`` says part by part what to mend."""

    code: str
    message: str
    data: NotRequired[ProblemJson]


class FieldJson(TypedDict):
    """A parameter of a rule, as a form needs it. A bound is null where there is none."""

    name: str
    type: Literal["str", "int", "float"]
    required: bool
    default: Scalar | None
    help: str
    at_least: float | None
    at_most: float | None
    unit: str
    choices: Sequence[str]


class KindJson(TypedDict):
    """A kind of fault."""

    kind: str
    sentence: str
    parameters: list[FieldJson]


class ArmedJson(TypedDict):
    """An armed rule, and how many requests it has matched and struck."""

    id: str
    text: str
    kind: str
    fields: dict[str, Scalar]
    matched: int
    fired: int


class FaultsJson(TypedDict):
    """The armed rules, and what rules can be made of."""

    armed: list[ArmedJson]
    kinds: list[KindJson]
    conditions: list[FieldJson]


class RuleTrialJson(TypedDict):
    """The text of a rule, or null and the problem with it."""

    text: str | None
    problems: list[ProblemJson]


class LogTrialJson(TypedDict):
    """Every problem of a log."""

    problems: list[ProblemJson]


class ReplyJson(TypedDict):
    """The head of an answer, and the first 4 kB of its body without their encoding."""

    headers: HeaderList
    body: str


class EntryJson(TypedDict):
    """One exchange, with credentials masked. ``status`` is null when no status line was sent."""

    id: int
    time: Moment
    method: str
    path: Annotated[str, "Without the prefix of the tenant."]
    query: str
    headers: HeaderList
    status: int | None
    faults: Annotated[list[str], "The texts of the rules that struck."]
    milliseconds: float | None
    reply: ReplyJson


class RequestsJson(TypedDict):
    """Entries of the journal, oldest first, and the id of the newest ever recorded."""

    requests: list[EntryJson]
    last: int


class CountJson(TypedDict):
    """How many entries match."""

    count: int


class ContractJson(TypedDict):
    """What forms are made from: query parameters, the schema of a log, and the statuses that tokens get."""

    parameters: list[Parameter]
    log: ObjectJson
    filled: Annotated[list[str], "Members that an added log may leave out."]
    tokens: dict[str, int]


class OffenceJson(TypedDict):
    """One way to break the contract."""

    name: str
    severity: Severity
    sentence: str


class TitleJson(TypedDict):
    """What a tenant is for, such as the name of a test."""

    title: str


class TenantJson(TypedDict):
    """A free name for a tenant, its base URL, and a token that may read its logs."""

    tenant: str
    url: str
    token: str


class ProcessJson(TypedDict):
    """The process that serves."""

    id: int
    since: Moment


class SettingsJson(TenantSettings):
    """The settings of a tenant and its state, and what is the server's own."""

    host: str
    port: int
    tenant: str
    tenants: Annotated[list[str], "The names of the tenants in use."]
    count: Annotated[int, "How many logs there are."]
    time: Annotated[float, "The time of the tenant's logs, in seconds since 1970."]
    ahead: Annotated[float, "The seconds that the tenant's time was moved forward."]
    process: ProcessJson
    version: str


class ReloadJson(TypedDict):
    """The file that was read again, and how many logs it has."""

    file: str
    logs: int


class AdvanceJson(TypedDict):
    """How far to move the time forward."""

    seconds: Annotated[float, {"minimum": 0, "maximum": FARTHEST}]


class TimeJson(TypedDict):
    """The time of a tenant's logs, and how far it was moved forward, in seconds."""

    time: Moment
    ahead: float
