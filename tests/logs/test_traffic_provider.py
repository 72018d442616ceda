"""LogtoProvider: logs for any Faker."""

from __future__ import annotations

import pytest
from faker import Faker

from mockserver.contract.document import contract
from mockserver.logs.traffic.provider import LogtoProvider


@pytest.fixture
def fake() -> Faker:
    fake = Faker()
    fake.add_provider(LogtoProvider)
    fake.seed_instance(3)
    return fake


def test_logs_keep_the_contract_under_the_tenant_asked_for(fake: Faker) -> None:
    logs = [fake.log("acme") for _ in range(40)]
    assert all(contract().is_valid(log) for log in logs)
    assert {log["tenantId"] for log in logs} == {"acme"}
    assert len({log["id"] for log in logs}) == 40
    assert len({log["key"] for log in logs}) > 10


def test_a_seed_decides_everything(fake: Faker) -> None:
    first = [fake.log() for _ in range(5)]
    fake.seed_instance(3)
    assert [fake.log() for _ in range(5)] == first


def test_a_visit_is_of_one_client_in_order(fake: Faker) -> None:
    for _ in range(20):
        logs = fake.visit()
        times = [log["createdAt"] for log in logs]
        assert times == sorted(times)
        assert len({log["payload"]["ip"] for log in logs}) == 1
