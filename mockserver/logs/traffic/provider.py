"""Faker: the only importer of it, and its own way in: ``fake.add_provider(LogtoProvider)``, then ``fake.log()``."""

from __future__ import annotations

from typing import Any, cast

from faker.factory import Factory
from faker.providers import BaseProvider

from mockserver.contract.jsontext import decode, encode
from mockserver.logs.traffic.flows import FLOWS
from mockserver.logs.traffic.fresh import pool, template
from mockserver.logs.traffic.ids import LENGTH
from mockserver.logs.traffic.people import People
from mockserver.logs.traffic.users import SAML, Values, identifier

NEWEST = 1_767_225_600_000  # 2026-01-01T00:00:00Z, in ms: a fixed moment, so that a seed decides everything
YEAR = 365 * 86_400_000  # ms


def generator(seed: int) -> Values:
    """Faker's values for that seed, with no more providers than people need: all of them take 0.1 s more to load."""
    fake = Factory.create("en_US", [f"faker.providers.{name}" for name in ("person", "internet", "geo")])
    fake.seed_instance(seed)
    return cast(Values, fake)  # its methods come from the providers, which no type tells


class LogtoProvider(BaseProvider):
    """Audit logs for anybody's Faker; equal seeds give equal logs. Needs the standard providers of any one locale."""

    def log(self, tenant: str = "default") -> dict[str, Any]:
        """One log from a visit of its own, as parsed JSON."""
        return dict(self.random_element(self.visit(tenant)))

    def visit(self, tenant: str = "default") -> list[dict[str, Any]]:
        """The logs of one visit, oldest first: a sign-in, a registration, a token; some fail. All in the year 2025."""
        random = self.generator.random
        flow = random.choices(FLOWS, [flow.weight for flow in FLOWS])[0]
        visit = People(self.generator, users=1, applications=SAML + 1).visit(flow)
        start, key = NEWEST - random.randrange(YEAR // 1000, YEAR), random.randbytes(16)
        name = encode(tenant)[1:-1]
        texts = pool(key, 0, 0, name)
        ids = (identifier(random, LENGTH).encode() for _ in visit.logs)
        return [
            decode(b'{"tenantId":"%b","id":"%b%b' % (name, log_id, template(log).render(texts, start + since)))
            for log_id, (since, log) in zip(ids, visit.logs, strict=True)
        ]
