"""What each route of the control API does, as a plain function that knows nothing of Flask.

A route has three steps, and each is a function of its own:

1. **read** turns the body that the client sent into a value, such as a `Rule`. It is pure, and raises MockserverError
   when the client must mend something.
2. **act** takes that value and does one thing to one tenant: it arms the rule, or counts the requests.
3. The **answer** is what ``act`` returns: None (a reply without a body), bytes (JSON text already), or a value that
   JSON can hold. An act that takes more than some milliseconds is a generator: each ``yield`` ends a step, and the
   server answers others before the next.

For example, ``POST /faults`` reads a `Rule` with `read_rule_body`; `arm_fault` arms it; `armed_json` describes it.

To add a route, write one function here, or in ``tenants.py`` if it concerns a whole tenant, and decorate it with its
method and path: `ROUTES` is what Flask serves, at ``/__admin`` and at ``/t/NAME/__admin``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from mockserver import __version__
from mockserver.contract.document import contract
from mockserver.contract.errors import MockserverError, Refused
from mockserver.contract.jsontext import decode
from mockserver.contract.published import TOKENS
from mockserver.edge.admin import shapes
from mockserver.edge.admin.rules import armed_json, conditions_json, kinds_json, rule_from
from mockserver.edge.command import Steps, problem_json
from mockserver.edge.reload import Reload
from mockserver.faults.presets import PRESETS, Preset
from mockserver.faults.rule import Rule
from mockserver.http.message import Request
from mockserver.mock.exchange import Mock
from mockserver.mock.expectations import Compared, Expectation, read_expectation
from mockserver.mock.store import FILLED
from mockserver.mock.tenants import Tenant, tenant_path


class Control(NamedTuple):
    """What a route acts on: the mock, for one request with parameters in its path and query, at one moment (seconds
    since 1970, on the server's clock), what reads the mock's file of logs again, and what judges the deployment behind
    `mockserver proxy`, if there is one."""

    mock: Mock
    request: Request
    parameters: Mapping[str, str]
    now: float
    reload: Reload
    verdict: Callable[[], dict[str, Any]] | None = None

    @property
    def tenant(self) -> Tenant:
        """The tenant that the request names, made on first use; raises Refused 400 for an invalid name."""
        return self.mock.tenants.get(tenant_path(self.request).tenant)

    @property
    def moment(self) -> float:
        """The same moment in the time of the tenant's logs."""
        return self.tenant.moment(self.now)


class Route(NamedTuple):
    """One route: ``act`` is called with a Control and, when there is a ``read``, with the value that it returns.

    The description needs the type of the ``body`` (None: there is none) with an ``example``, and the statuses of this
    route's own ``refusals``.
    """

    method: str
    path: str
    read: Callable[[bytes], Any] | None
    act: Callable[..., Any]
    status: int
    body: Any = None
    example: Any = None
    refusals: Sequence[int] = ()


ROUTES: list[Route] = []
# Each value costs time, whatever its length. Logs in the largest body that is read have about 350,000 of these.
MOST_MARKS = 500_000
# The bytes of a rule or an expectation. One takes up to 0.1 us a byte; nobody writes a longer one.
MOST_SMALL = 64 * 1024
# The largest id that a cursor may name: eighteen digits.
LAST_CURSOR = 10**18 - 1

Act = TypeVar("Act", bound=Callable[..., Any])


def route(
    method: str, path: str, read: Callable[[bytes], Any] | None = None, status: int = 200, **described: Any
) -> Callable[[Act], Act]:
    """Register the decorated function as a route; ``status`` is that of an answer with a body."""

    def register(act: Act) -> Act:
        ROUTES.append(Route(method, path, read, act, status, **described))
        return act

    return register


def read_json(body: bytes) -> Any:
    """The JSON value of a body; raises MockserverError for anything else."""
    if sum(map(body.count, (b",", b"[", b"{"))) > MOST_MARKS:
        found = f"more than {MOST_MARKS:,} commas and opening brackets"
        raise MockserverError("body", found, "fewer", "send the logs in several requests")
    try:
        return decode(body)
    except ValueError as error:
        raise MockserverError("body", f"no JSON ({error})", "one JSON value") from None


def read_small_json(body: bytes) -> Any:
    """The JSON value of a body that is a rule or an expectation; raises MockserverError."""
    if len(body) > MOST_SMALL:
        raise MockserverError("body", f"{len(body):,} bytes", f"at most {MOST_SMALL:,}")
    return read_json(body)


def read_rule_body(body: bytes) -> Rule:
    """The rule in a body; raises MockserverError."""
    return rule_from(read_small_json(body))


def read_expectation_body(body: bytes) -> Expectation:
    """The expectation in a body; raises MockserverError."""
    return read_expectation(read_small_json(body))


def read_cursor(parameters: Mapping[str, str]) -> int:
    """The id after which journal entries are wanted; raises MockserverError for anything but a whole number."""
    text = parameters.get("after", "0")
    if not re.fullmatch(r"\d{1,18}", text, re.ASCII):
        raise MockserverError("after", repr(text), "the id of an entry: a whole number from 0")
    return int(text)


@route("GET", "/health")
def health(control: Control) -> shapes.HealthJson:
    """Whether the server runs. This route alone is open to everybody."""
    return {"status": "ok", "version": __version__}


@route("GET", "/faults")
def list_faults(control: Control) -> shapes.FaultsJson:
    """The armed rules, and every kind of fault and condition as a form needs it."""
    armed = [armed_json(rule) for rule in control.tenant.armed.rules]
    return {"armed": armed, "kinds": kinds_json(), "conditions": conditions_json()}


@route("POST", "/faults", read_rule_body, 201, body=shapes.RuleJson, example={"rule": "status:code=503,times=2"})
def arm_fault(control: Control, rule: Rule) -> shapes.ArmedJson:
    """Arm one rule."""
    return armed_json(control.tenant.armed.arm(rule))


@route("DELETE", "/faults")
def disarm_all_faults(control: Control) -> None:
    """Disarm every rule."""
    control.tenant.armed.clear()


@route("DELETE", "/faults/<int:id>", refusals=[404])
def disarm_fault(control: Control) -> None:
    """Disarm one rule; raises Refused 404 for an unknown id."""
    try:
        control.tenant.armed.disarm(str(control.parameters["id"]))
    except MockserverError as error:
        raise Refused(404, "admin.not_found", str(error)) from None


@route("POST", "/faults/trial", read_small_json, body=Any, example={"kind": "status", "code": 503})
def try_fault(control: Control, value: Any) -> shapes.RuleTrialJson:
    """The text of a rule, or the problem with it; nothing is armed."""
    try:
        return {"text": rule_from(value).text, "problems": []}
    except MockserverError as error:
        return {"text": None, "problems": [problem_json(error)]}


@route("GET", "/logs")
def list_added_logs(control: Control) -> shapes.LogsJson:
    """The logs that were added to the tenant, newest first."""
    return json_array(control.tenant.store.added)


@route("POST", "/logs", read_json, 201, body=shapes.NewLogsJson, example={"key": "SignIn.Password.Submit"})
def add_logs(control: Control, value: Any) -> Steps[shapes.AddedJson]:
    """Add one log, or a list of logs, and return the same with the missing fields filled in."""
    is_list = isinstance(value, list)
    added: list[bytes] = []
    for logs in control.tenant.add_in_steps(value if is_list else [value], control.moment):
        added += logs
        yield 0
    return json_array(added) if is_list else added[0]


def json_array(items: list[bytes]) -> bytes:
    """A JSON array of items that are JSON text already."""
    return b"[" + b",".join(items) + b"]"


@route("DELETE", "/logs")
def delete_added_logs(control: Control) -> None:
    """Remove the logs that were added to the tenant."""
    control.tenant.store.clear()


@route("POST", "/logs/trial", read_json, body=shapes.ObjectJson, example={"key": "SignIn.Password.Submit"})
def try_log(control: Control, log: Any) -> shapes.LogTrialJson:
    """Every problem of a log; nothing is added."""
    if not isinstance(log, dict):
        raise MockserverError("log", "no object", "an object")
    problems = control.tenant.store.problems(log, control.moment)
    return {"problems": [problem_json(MockserverError(f"log.{p.path}", p.found, p.expected)) for p in problems]}


@route("GET", "/requests")
def list_requests(control: Control) -> Steps[shapes.RequestsJson]:
    """The journal's entries behind an id, each with the head and the first 4 kB of its reply; the id of the last."""
    journal = control.tenant.journal
    requests: list[Any] = []
    last = journal.last
    for entry in journal.entries(read_cursor(control.parameters)):
        requests.append(entry.shown() | {"reply": entry.shown_reply()})
        yield 0
    return {"requests": requests, "last": last}


@route("DELETE", "/requests")
def clear_requests(control: Control) -> None:
    """Empty the journal."""
    control.tenant.journal.clear()


@route("POST", "/requests/count", read_expectation_body, body=Expectation, example={"query": {"page": "2"}})
def count_requests(control: Control, expectation: Expectation) -> Steps[shapes.CountJson]:
    """How many journal entries match an expectation."""
    compared = yield from _compared(control, expectation)
    return {"count": sum(not misses for _, misses in compared)}


@route("POST", "/requests/verify", read_expectation_body, body=Expectation, example={"times": 0}, refusals=[406])
def verify_requests(control: Control, expectation: Expectation) -> Steps[shapes.CountJson]:
    """The same count; raises Refused 406 when it is not the expected one."""
    compared = yield from _compared(control, expectation)
    sentence = expectation.verdict(compared)
    if sentence is not None:
        raise Refused(406, "admin.expectation_not_met", sentence)
    return {"count": sum(not misses for _, misses in compared)}


def _compared(control: Control, expectation: Expectation) -> Steps[list[Compared]]:
    compared = []
    for entry in control.tenant.journal.entries():
        compared.append((entry, expectation.misses(entry)))
        yield 0
    return compared


@route("GET", "/contract")
def show_contract(control: Control) -> shapes.ContractJson:
    """The parts of the contract that forms are made from, and the tokens that work by name."""
    parameters = list(contract().parameters.values())
    return {"parameters": parameters, "log": contract().log_schema, "filled": list(FILLED), "tokens": TOKENS}


@route("GET", "/presets")
def list_presets(control: Control) -> list[Preset]:
    """The presets: rules that belong together, under one name."""
    return list(PRESETS.values())


@route("GET", "/offences")
def list_offences(control: Control) -> list[shapes.OffenceJson]:
    """The offences that ``violate`` can commit."""
    # Imported on first use: a server must start fast, and most never show the console.
    from mockserver.faults.offences import catalogue

    return [{"name": o.name, "severity": o.severity, "sentence": o.sentence} for o in catalogue().values()]


@route("GET", "/suggestions")
def suggest_filters(control: Control) -> dict[str, list[str]]:
    """Values that each filter would find in the newest logs."""
    return control.tenant.store.suggestions(control.moment)
