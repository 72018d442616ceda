"""Contract check of your own deployment, as one of your tests.

    MOCKSERVER_TOKEN=... pytest tests/examples/test_own_deployment.py --logto-target https://my-tenant.logto.app

Without a target the mock stands in for it. The settings ``logto_profile = observed`` in pytest's configuration accept
what is known of real deployments.
"""

from __future__ import annotations

from mockserver.testing.verdicts import Judgement


def test_the_contract_is_kept(logto_verdict: Judgement) -> None:
    assert logto_verdict.kept, logto_verdict.text
