"""Faker's values, and ``LogtoProvider``, which gives logs to any Faker: ``fake.add_provider(LogtoProvider)``.

This is the only importer of Faker.
"""

from __future__ import annotations

from typing import Any, cast

from faker.factory import Factory
from faker.providers import BaseProvider

from mockserver.contract.jsontext import decode, encode
from mockserver.logs.traffic.flows import FLOWS
from mockserver.logs.traffic.fresh import pool, template
from mockserver.logs.traffic.ids import LENGTH
from mockserver.logs.traffic.people import People
from mockserver.logs.traffic.users import SAML, FakerValues, identifier

NEWEST = 1_767_225_600_000  # 2026-01-01T00:00:00Z, in ms: fixed, so that the seed decides everything
YEAR = 365 * 86_400_000  # ms


def generator(seed: int) -> FakerValues:
    """Return Faker's values for a seed, from three providers; loading all of them would take 0.1 s more."""
    fake = Factory.create("en_US", [f"faker.providers.{name}" for name in ("person", "internet", "geo")])
    fake.seed_instance(seed)
    return cast(FakerValues, fake)  # its methods come from the providers, which types do not show


class LogtoProvider(BaseProvider):
    """Audit logs for any Faker; equal seeds give equal logs. It needs the standard providers of any one locale."""

    def log(self, tenant: str = "default") -> dict[str, Any]:
        """Return one log from a visit of its own, as parsed JSON."""
        return dict(self.random_element(self.visit(tenant)))

    def visit(self, tenant: str = "default") -> list[dict[str, Any]]:
        """Return the logs of one visit in 2025, oldest first: a sign-in, a registration, a token; some fail."""
        random = self.generator.random
        flow = random.choices(FLOWS, [flow.weight for flow in FLOWS])[0]
        visit = People(self.generator, users=1, applications=SAML + 1).visit(flow)
        start, name = NEWEST - random.randrange(YEAR // 1000, YEAR), encode(tenant)[1:-1]
        texts = pool(random.randbytes(16), 0, 0, name)
        logs = []
        for since, log in visit.logs:
            rest = template(log).render(texts, start + since)
            logs.append(decode(b'{"tenantId":"%b","id":"%b%b' % (name, identifier(random, LENGTH).encode(), rest)))
        return logs
