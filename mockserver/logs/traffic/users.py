"""People: who signs in, from where, on what, to which application; Faker's values, and reserved ranges."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Literal, Protocol

from mockserver.logs.traffic.agents import Agent, agents
from mockserver.logs.traffic.fresh import ADDRESS_END
from mockserver.logs.traffic.ids import DIGITS

# RFC 5737 and RFC 3849: ranges for documentation, routed nowhere.
NETWORKS = ("192.0.2.", "198.51.100.", "203.0.113.", "2001:db8:")
KINDS = ("spa", "web", "machine", "native")
SAML = 7  # the number of the one application that speaks SAML: few tenants have more


class Values(Protocol):
    """What is asked of a Faker."""

    random: Random

    def user_name(self) -> str:
        """A name to sign in with."""

    def safe_domain_name(self) -> str:
        """A domain that RFC 2606 reserves for examples."""

    def location_on_land(self) -> tuple[str, str, str, str, str]:
        """Latitude, longitude, city, country code and time zone of a real place."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an address is: texts as a proxy would inject them."""

    city: str
    country: str
    latitude: str
    longitude: str


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who returns: mostly on the first of ``agents``."""

    id: str
    username: str
    email: str
    phone: str
    place: Place
    network: str
    agents: tuple[Agent, ...]


@dataclass(frozen=True, slots=True)
class Application:
    """What is signed in to, or (``machine``) what fetches tokens for itself from its own address with its own SDK.

    ``secret`` is the name of its secret, None where it has none.
    """

    id: str
    kind: Literal["web", "spa", "machine", "native", "saml"]
    redirect_uri: str
    resource: str
    secret: str | None
    address: str
    agent: Agent


def identifier(random: Random, length: int) -> str:
    """A lasting id of [0-9a-z]."""
    return "".join(random.choices(DIGITS, k=length))


def place(fake: Values) -> Place:
    """A city with its country and its coordinates."""
    latitude, longitude, city, country, _ = fake.location_on_land()
    return Place(city, country, latitude, longitude)


def user(fake: Values) -> User:
    """Somebody new."""
    random, username = fake.random, fake.user_name()
    browsers = agents("desktop", "phone")
    network = random.choice(NETWORKS)
    return User(
        id=identifier(random, 12),
        username=username,
        email=f"{username}@{fake.safe_domain_name()}",
        phone=f"1555555{random.randrange(100, 200):04}",
        place=place(fake),
        network=f"{network}{random.randrange(16, 65536):x}::" if ":" in network else network,
        agents=tuple(random.choices(browsers, [agent.weight for agent in browsers], k=random.choice((1, 2, 2, 3)))),
    )


def application(fake: Values, number: int) -> Application:
    """The application of that number (from 0): the kinds take turns, but for the one that speaks SAML."""
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


def addressed(network: str) -> str:
    """An address of a network whose last part is fresh each day."""
    return network + ADDRESS_END
