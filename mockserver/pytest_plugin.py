"""The pytest plugin: the fixtures, the mark and the options.

pytest loads it in every test run of an environment that has this package. So nothing else of the package is imported
before a test uses a fixture.
"""

from __future__ import annotations

import os
from collections import ChainMap
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
    from mockserver.testing.verdicts import Judgement
    from mockserver.testing.worlds import Servers

MARK = (
    "logto(logs=..., profile=..., faults=[...], growth=..., ...): what logto_mock serves to this test; the arguments "
    "have the names of the options of `mockserver serve`."
)
# The ini options with their help. A mark takes precedence. A test compares the defaults with the real ones.
INI = {
    "logto_logs": "the source of the logs of logto_mock, such as faker:count=50,seed=3 (default: seeded)",
    "logto_profile": "the profile of logto_mock: documented, observed or observed-1.42 (default: documented)",
    "logto_seed": "the seed of the faults of logto_mock (default: 0)",
}
# How many requests the report of a failed test shows: the newest.
SHOWN = 50

_PACKAGE = Path(__file__).parent

# In the stash of a test or of the session: its mock. In the stash of the run: the account of --logto-target.
_mock: pytest.StashKey[LogtoMock] = pytest.StashKey()
_account: pytest.StashKey[Account] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--logto-target`` and the ini options."""
    text = (
        "Run the tests of logto_mock against this deployment. The environment gives the credentials: MOCKSERVER_TOKEN, "
        "or MOCKSERVER_CLIENT_ID and MOCKSERVER_CLIENT_SECRET. Tests that need faults are skipped."
    )
    parser.getgroup("logto").addoption("--logto-target", metavar="URL", help=text)
    for name, text in INI.items():
        parser.addini(name, text)


def pytest_configure(config: pytest.Config) -> None:
    """Register the mark. If there is a target, read its account, so that an error ends the run before any test."""
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
    """Name the deployment under test."""
    return f"logto target: {config.stash[_account].base}" if _account in config.stash else None


@pytest.fixture(scope="session")
def _logto_servers() -> Iterator[Servers]:
    """The servers that all tests of this process share; each worker of pytest-xdist has its own."""
    from mockserver.testing.worlds import Servers

    servers = Servers()
    yield servers
    servers.close()


@pytest.fixture(scope="session")
def logto_mock_session(request: pytest.FixtureRequest, _logto_servers: Servers) -> Iterator[LogtoMock]:
    """A Logto mock for the whole session, for fixtures of wider scope; changes made by one test stay for the next."""
    yield from _opened(request.node, _logto_servers)


@pytest.fixture
def logto_mock(request: pytest.FixtureRequest, _logto_servers: Servers) -> Iterator[LogtoMock]:
    """A Logto mock for one test, with its own URL, token, faults, logs and requests."""
    yield from _opened(request.node, _logto_servers)


@pytest.fixture
def logto_logs(logto_mock: LogtoMock) -> list[Log]:
    """The logs that ``logto_mock`` serves when the test begins, as parsed JSON, newest first."""
    from mockserver.testing.parts import whole_list

    with _short_errors():
        return whole_list(logto_mock.logs)


@pytest.fixture(scope="session")
def logto_verdict(request: pytest.FixtureRequest, logto_mock_session: LogtoMock) -> Judgement:
    """The judge's verdict about the mock or ``--logto-target``: ``assert logto_verdict.kept, logto_verdict.text``."""
    with _short_errors():
        from mockserver.testing.verdicts import judged

        return judged(logto_mock_session.url, logto_mock_session.token, _settings(request.session).profile)


@pytest.fixture
def logto_contract(request: pytest.FixtureRequest) -> PassiveJudge:
    """A judge of the replies that a test received: ``logto_contract.assert_kept(response)``, of httpx or requests."""
    with _short_errors():
        from mockserver.judge.known import known_deviations
        from mockserver.judge.passive import PassiveJudge

        return PassiveJudge(known_deviations(_settings(request.node).profile))


def _opened(node: pytest.Item | pytest.Session, servers: Servers) -> Iterator[LogtoMock]:
    """Open a world for a test, or for the session, and close it afterwards."""
    from mockserver.testing.deployment import DeploymentWorld
    from mockserver.testing.harness import LogtoMock, tenant_of
    from mockserver.testing.worlds import TenantWorld

    world: TenantWorld | DeploymentWorld
    with _short_errors():
        settings = _settings(node)
        if _account in node.config.stash:
            _skip_if_the_mock_is_needed(node)
            world = DeploymentWorld(node.config.stash[_account], pytest.skip)
        else:
            name = tenant_of(node.nodeid or "session")
            world = TenantWorld(servers.running(settings.profile), name, servers.setup(settings))
    mock = node.stash[_mock] = LogtoMock.over(world)
    yield mock
    world.close()


def _settings(node: pytest.Item | pytest.Session) -> Settings:
    """Return the settings of a test: of its marks, nearest first, then of the ini options. The session has no marks."""
    from mockserver.contract.errors import MockserverError
    from mockserver.testing.harness import mark_settings

    marks = list(node.iter_markers("logto"))
    if any(mark.args for mark in marks):
        raise MockserverError("logto mark", "a value without a name", "name=value")
    ini: dict[str, Any] = {name.removeprefix("logto_"): value for name in INI if (value := node.config.getini(name))}
    try:
        ini |= {"seed": int(ini["seed"])} if "seed" in ini else {}
    except ValueError:
        raise MockserverError("logto_seed", repr(ini["seed"]), "a whole number") from None
    return mark_settings([*(mark.kwargs for mark in marks), ini])


def _skip_if_the_mock_is_needed(node: pytest.Item | pytest.Session) -> None:
    """Skip the test if its marks ask for what a deployment cannot do; an observed profile and a seed are no matter."""
    arguments = dict(ChainMap(*(dict(mark.kwargs) for mark in node.iter_markers("logto"))))
    arguments.pop("seed", None)
    if str(arguments.get("profile")).startswith("observed"):
        del arguments["profile"]
    if arguments:
        pytest.skip(f"needs the mock for its {', '.join(arguments)}: --logto-target is a deployment")


@contextmanager
def _short_errors() -> Iterator[None]:
    """Report an error that the user can mend, such as a missing extra, as one line without a traceback."""
    from mockserver.contract.errors import MockserverError, needs_check

    try:
        with needs_check():
            yield
    except MockserverError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the requests to the report of a failed test, with credentials masked."""
    if call.excinfo is not None and not item.config.getoption("fulltrace"):
        _hide_the_package(call.excinfo.value)
    report = yield
    # At teardown the mock may be closed already.
    if report.failed and report.when != "teardown" and _account not in item.config.stash:
        used = [item, item.session] if "logto_mock_session" in getattr(item, "fixturenames", ()) else [item]
        report.sections += [("Logto requests", _summary(node.stash[_mock])) for node in used if _mock in node.stash]
    return report


def _hide_the_package(error: BaseException) -> None:
    """Cut the traceback of a MockserverError after the line of the test, before the files of the package."""
    # The module's name identifies the error: tests that do not use the package must not import it.
    trace = error.__traceback__ if type(error).__module__ == f"{__package__}.contract.errors" else None
    while trace is not None and trace.tb_next is not None:
        if Path(trace.tb_next.tb_frame.f_code.co_filename).is_relative_to(_PACKAGE):
            trace.tb_next = None
        trace = trace.tb_next


def _summary(mock: LogtoMock) -> str:
    """Return the newest requests and the armed faults, one a line."""
    requests = mock.requests
    lines = [exchange.line for exchange in requests[-SHOWN:]] or ["none" + _proxy_hint(mock.url)]
    if len(requests) > SHOWN:
        lines.insert(0, f"({len(requests) - SHOWN} earlier)")
    lines += [f"armed: {fault.text}, fired {fault.fired} of {fault.matched} matched" for fault in mock.faults]
    return "\n".join(lines)


def _proxy_hint(url: str) -> str:
    """Say that requests to the mock may have gone to a proxy, where the environment names one for them."""
    from urllib.parse import urlsplit
    from urllib.request import getproxies, proxy_bypass

    host = urlsplit(url).hostname or ""
    if not {"http", "all"} & getproxies().keys() or proxy_bypass(host):
        return ""
    return f": HTTP_PROXY or ALL_PROXY is set, so they may have gone to that proxy; set NO_PROXY={host}"
