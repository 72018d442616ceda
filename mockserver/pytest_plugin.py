"""The pytest plugin: fixtures, the mark, the options. It is loaded into every test run on the machine that has the
package, so that nothing of the package is imported before a fixture is asked for.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mockserver.contract.document import Log
    from mockserver.judge.passive import PassiveJudge
    from mockserver.mock.settings import Settings
    from mockserver.testing.deployment import Account
    from mockserver.testing.harness import LogtoMock
    from mockserver.testing.servers import Servers
    from mockserver.testing.verdicts import Judgement
    from mockserver.testing.worlds import World

MARK = (
    "logto(logs=..., profile=..., faults=[...], growth=..., ...): what logto_mock serves to this test, by the names of "
    "the options of `mockserver serve`."
)
# Name, and what it is for; a mark outranks them.
INI = {
    "logto_logs": "where the logs of logto_mock come from, such as faker:count=50,seed=3 (default: seeded)",
    "logto_profile": "the profile of logto_mock: documented (the default), observed or observed-1.42",
    "logto_seed": "the seed of the faults of logto_mock (default: 0)",
}
# So many of the newest requests are shown beside a failure.
SHOWN = 50

_PACKAGE = Path(__file__).parent

# Each in the stash of whom it lives for: the test, or the run.
_mock: pytest.StashKey[LogtoMock] = pytest.StashKey()
_account: pytest.StashKey[Account] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--logto-target`` and the ini options."""
    parser.getgroup("logto").addoption(
        "--logto-target", metavar="URL",
        help="Run tests of logto_mock against this deployment; credentials by environment: MOCKSERVER_TOKEN, or "
        "MOCKSERVER_CLIENT_ID and MOCKSERVER_CLIENT_SECRET. Tests that need faults are skipped.",
    )  # fmt: skip
    for name, text in INI.items():
        parser.addini(name, text)


def pytest_configure(config: pytest.Config) -> None:
    """Register the mark; of a target, know the account before any test runs."""
    config.addinivalue_line("markers", MARK)
    target = config.getoption("logto_target")
    if target is None:
        return
    from mockserver.contract.errors import MockserverError
    from mockserver.testing.deployment import Account

    try:
        config.stash[_account] = Account(target, os.environ)
    except MockserverError as error:
        raise pytest.UsageError(str(error)) from None


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say which deployment is tested."""
    return f"logto target: {config.stash[_account].base}" if _account in config.stash else None


@pytest.fixture(scope="session")
def _logto_servers() -> Iterator[Servers]:
    """The servers that the tests of this process share; each worker of pytest-xdist has its own."""
    from mockserver.testing.servers import Servers

    servers = Servers()
    yield servers
    servers.close()


@pytest.fixture(scope="session")
def logto_mock_session(request: pytest.FixtureRequest, _logto_servers: Servers) -> Iterator[LogtoMock]:
    """A Logto that lives as long as the session, for fixtures of wider scope; what one test changes, the next meets."""
    with _opened(request.config, _logto_servers, "session", []) as mock:
        request.config.stash[_mock] = mock
        yield mock


@pytest.fixture
def logto_mock(request: pytest.FixtureRequest, _logto_servers: Servers) -> Iterator[LogtoMock]:
    """A Logto with audit logs for this test alone, with a URL and a token, faults, logs and requests of its own."""
    marks = list(request.node.iter_markers("logto"))
    with _opened(request.config, _logto_servers, request.node.nodeid, marks) as mock:
        request.node.stash[_mock] = mock
        yield mock


@pytest.fixture
def logto_logs(logto_mock: LogtoMock) -> list[Log]:
    """The logs that ``logto_mock`` serves when the test begins, as parsed JSON, newest first."""
    from mockserver.testing.logs import whole

    with _plainly():
        return whole(logto_mock.logs)


@pytest.fixture(scope="session")
def logto_verdict(request: pytest.FixtureRequest, logto_mock_session: LogtoMock) -> Judgement:
    """What the judge says of ``--logto-target``, or of the mock: ``assert logto_verdict.kept, logto_verdict.text``."""
    from mockserver.contract.errors import needs_check

    with _plainly(), needs_check():
        from mockserver.testing.verdicts import judged

        return judged(logto_mock_session.url, logto_mock_session.token, _settings(request.config, []).profile)


@pytest.fixture
def logto_contract(request: pytest.FixtureRequest) -> PassiveJudge:
    """Judges the answers that a test got: ``logto_contract.assert_kept(response)``, of httpx or requests."""
    from mockserver.contract.errors import needs_check

    with _plainly(), needs_check():
        from mockserver.testing.verdicts import witness

        marks = list(request.node.iter_markers("logto"))
        return witness(_settings(request.config, marks).profile)


@contextmanager
def _opened(config: pytest.Config, servers: Servers, test: str, marks: list[pytest.Mark]) -> Iterator[LogtoMock]:
    from mockserver.faults.plan import plan
    from mockserver.testing.deployment import DeploymentWorld
    from mockserver.testing.harness import LogtoMock
    from mockserver.testing.marks import tenant
    from mockserver.testing.worlds import TenantWorld

    world: World
    with _plainly():
        settings = _settings(config, marks)
        if _account in config.stash:
            _skip_what_needs_the_mock(marks)
            world = DeploymentWorld(config.stash[_account], pytest.skip)
        else:
            began = plan(settings.faults, settings.seed)
            world = TenantWorld(servers.running(settings), tenant(test), began)
    yield LogtoMock(world)
    world.close()


def _settings(config: pytest.Config, marks: list[pytest.Mark]) -> Settings:
    from mockserver.testing.marks import settings

    if any(mark.args for mark in marks):
        pytest.fail("logto mark: found a value without a name, expected name=value", pytrace=False)
    return settings([*(mark.kwargs for mark in marks), _ini(config)])


def _ini(config: pytest.Config) -> dict[str, Any]:
    """The ini options that are set, by the names of the mark's arguments."""
    from mockserver.contract.errors import MockserverError

    found: dict[str, Any] = {name.removeprefix("logto_"): config.getini(name) for name in INI if config.getini(name)}
    if "seed" in found:
        try:
            found["seed"] = int(found["seed"])
        except ValueError:
            raise MockserverError("logto_seed", repr(found["seed"]), "a whole number") from None
    return found


def _skip_what_needs_the_mock(marks: list[pytest.Mark]) -> None:
    asked = {name: value for mark in reversed(marks) for name, value in mark.kwargs.items()}
    asked.pop("seed", None)
    if str(asked.get("profile", "observed")).startswith("observed"):
        asked.pop("profile", None)
    if asked:
        pytest.skip(f"needs the mock for its {', '.join(asked)}: --logto-target is a deployment")


@contextmanager
def _plainly() -> Iterator[None]:
    """Tell what somebody must mend as a line, not as a traceback into the package."""
    from mockserver.contract.errors import MockserverError

    try:
        yield
    except MockserverError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Put the requests that were made beside a failure, credentials masked."""
    if call.excinfo is not None and not item.config.getoption("fulltrace"):
        _end_at_the_test(call.excinfo.value)
    report = yield
    # When a test is torn down its mock may be gone already.
    if report.failed and report.when != "teardown" and _account not in item.config.stash:
        shared = item.config.stash if "logto_mock_session" in getattr(item, "fixturenames", ()) else item.stash
        for stash in dict.fromkeys((item.stash, shared)):
            if _mock in stash:
                report.sections.append(("Logto requests", _told(stash[_mock])))
    return report


def _end_at_the_test(error: BaseException) -> None:
    """Of an error that whoever wrote the test must mend, show the line of the test, not the package behind it."""
    # Known by its module's name: nothing is imported for tests that have nothing to do with the package.
    trace = error.__traceback__ if type(error).__module__ == f"{__package__}.contract.errors" else None
    while trace is not None and trace.tb_next is not None:
        if Path(trace.tb_next.tb_frame.f_code.co_filename).is_relative_to(_PACKAGE):
            trace.tb_next = None
        trace = trace.tb_next


def _told(mock: LogtoMock) -> str:
    requests, armed = mock.requests, list(mock.faults)
    lines = [each.line for each in requests[-SHOWN:]] or ["none"]
    if len(requests) > SHOWN:
        lines.insert(0, f"({len(requests) - SHOWN} earlier)")
    return "\n".join([*lines, *(f"armed: {each.text}, fired {each.fired} of {each.matched} matched" for each in armed)])
