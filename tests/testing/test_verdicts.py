"""A test's verdict is that of ``check`` on this machine, with the same profile."""

from __future__ import annotations

import pytest

from mockserver.edge.app import create_app
from mockserver.edge.server import Server
from mockserver.judge import limits
from mockserver.mock.settings import Settings
from mockserver.testing.verdicts import judged


@pytest.fixture(autouse=True)
def _few_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(limits.REQUESTS, "full", 20)


def test_known_deviations_are_no_findings_under_the_profile_that_has_them() -> None:
    with Server(create_app(Settings(logs="faker:count=30", profile="observed"))) as server:
        kept, broken = (judged(server.url, "dev-token", profile) for profile in ("observed", "documented"))
    assert kept.verdict.failing() == []
    assert any(finding.deviation for finding in kept.verdict.findings)
    assert broken.verdict.failing() != []
    assert not broken.kept
    assert (kept.verdict.profile, broken.verdict.profile) == ("observed", "documented")


def test_a_senseless_finding_fails_a_deployment_on_this_machine_and_is_shown_with_its_address() -> None:
    """Though its logs hold that too: an address that is left out would help nobody."""
    log = {
        "key": "Unknown",
        "payload": {"key": "Unknown", "result": "Success", "ip": "127.0.0.1", "userId": "my-own-tenant"},
    }
    with Server(create_app(Settings(logs="faker:count=30", faults=("violate:offence=shared-id",)))) as server:
        url = f"{server.url}/t/my-own-tenant"
        server.call(lambda: server.mock.tenants.get("my-own-tenant").add_logs([log] * 3, 0.0))
        found = judged(url, "dev-token", "documented")
    assert (found.kept, found.verdict.strict) == (False, True)
    assert {finding.check.severity for finding in found.verdict.failing()} == {"senseless"}
    lines = [line for line in found.text.splitlines() if "curl " in line]
    assert lines
    assert all(f"{url}/api/logs" in line for line in lines)
    assert "dev-token" not in found.text
