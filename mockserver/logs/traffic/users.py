"""Users and applications: who signs in, from where, on what, to which application; made from Faker's values."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Literal, NamedTuple, Protocol

from mockserver.logs.traffic.agents import Agent, agents
from mockserver.logs.traffic.ids import DIGITS

# RFC 5737 and RFC 3849 reserve these ranges for documentation; nothing is routed there.
NETWORKS = ("192.0.2.", "198.51.100.", "203.0.113.", "2001:db8:")
KINDS = ("spa", "web", "machine", "native")
SAML = 7  # the number of the one application that speaks SAML: few tenants have more


class FakerValues(Protocol):
    """What the traffic takes from Faker."""

    random: Random

    def user_name(self) -> str:
        """A name to sign in with."""

    def safe_domain_name(self) -> str:
        """A domain that RFC 2606 reserves for examples."""

    def location_on_land(self) -> tuple[str, str, str, str, str]:
        """Latitude, longitude, city, country code and time zone of a real place."""


class Location(NamedTuple):
    """Where an address is, as a proxy would inject it."""

    country: str
    city: str
    latitude: str
    longitude: str


@dataclass(frozen=True, slots=True)
class User:
    """A user who returns, mostly on the first of ``agents``.

    ``network`` is an address without its last part, which is fresh each day.
    """

    id: str
    username: str
    email: str
    phone: str
    location: Location
    network: str
    agents: tuple[Agent, ...]


@dataclass(frozen=True, slots=True)
class Application:
    """An application that users sign in to. One of kind ``machine`` fetches tokens for itself, with its own SDK.

    ``secret`` is the name of its secret, or None; ``address`` is that of its server.
    """

    id: str
    kind: Literal["web", "spa", "machine", "native", "saml"]
    redirect_uri: str
    resource: str
    secret: str | None
    address: str
    agent: Agent


def identifier(random: Random, length: int) -> str:
    """Return a random id of [0-9a-z]."""
    return "".join(random.choices(DIGITS, k=length))


def location(fake: FakerValues) -> Location:
    """Return a city with its country and coordinates."""
    latitude, longitude, city, country, _ = fake.location_on_land()
    return Location(country, city, latitude, longitude)


def user(fake: FakerValues) -> User:
    """Return a new user."""
    random, username = fake.random, fake.user_name()
    browsers = agents("desktop", "phone")
    network = random.choice(NETWORKS)
    return User(
        id=identifier(random, 12),
        username=username,
        email=f"{username}@{fake.safe_domain_name()}",
        phone=f"1555555{random.randrange(100, 200):04}",
        location=location(fake),
        network=f"{network}{random.randrange(16, 65536):x}::" if ":" in network else network,
        agents=tuple(random.choices(browsers, [agent.weight for agent in browsers], k=random.choice((1, 2, 2, 3)))),
    )


def application(fake: FakerValues, number: int) -> Application:
    """Return the application of that number (from 0): the kinds take turns, except for the one that speaks SAML."""
    random, kind = fake.random, "saml" if number == SAML else KINDS[number % len(KINDS)]
    sdks = agents("sdk")
    named = kind in ("web", "machine", "saml")
    lasting = identifier(random, 21)
    redirects = {
        "native": "com.example.app://callback",
        "saml": f"https://sign-in.example.com/api/saml-applications/{lasting}/callback",
    }
    return Application(
        id=lasting,
        kind=kind,  # type: ignore[arg-type]  # one of KINDS, or saml
        redirect_uri=redirects.get(kind, f"https://app-{number}.example.com/callback"),
        resource=f"https://api-{number}.example.com",
        secret=random.choice(("Default secret", "Production")) if named else None,
        address=f"{random.choice(NETWORKS[:3])}{random.randrange(10, 100)}",
        agent=random.choices(sdks, [agent.weight for agent in sdks])[0],
    )
