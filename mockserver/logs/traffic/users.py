"""Users and applications: who signs in, from where, on what, to which application; made from Faker's values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Literal, NamedTuple, Protocol

from mockserver.logs.traffic.agents import Agent, agents
from mockserver.logs.traffic.ids import DIGITS

# RFC 5737 and RFC 3849 reserve these ranges for documentation; nothing is routed there.
NETWORKS = ("192.0.2.", "198.51.100.", "203.0.113.", "2001:db8:")
KINDS = ("spa", "web", "machine", "native")
SAML = 7  # the number of the one application that speaks SAML: few tenants have more
# What a deployment knows of a user, by the names of its Management API; and which of it they can sign in with.
PROFILE = ("username", "primaryEmail", "primaryPhone", "name", "avatar")
IDENTIFIERS = {"username": "username", "email": "primaryEmail", "phone": "primaryPhone"}


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


@dataclass(frozen=True, slots=True, eq=False)
class User:
    """A user who returns, mostly on the first of ``agents``.

    ``profile`` is what the deployment knows: some of ``PROFILE``, and at least one identifier. ``name`` and ``email``
    are what others know, such as the user's company. ``network`` is an address without its last part, which is fresh
    each day.
    """

    id: str
    name: str
    email: str
    profile: Mapping[str, str]
    location: Location
    network: str
    agents: tuple[Agent, ...]

    @property
    def identifier(self) -> dict[str, str]:
        """What the user signs in with: the username where there is one, else the e-mail address, else the phone."""
        return next(self._identifiers("username", "email", "phone"))

    @property
    def address(self) -> dict[str, str]:
        """Where codes are sent to: the e-mail address, or the phone where only that is known."""
        return next(self._identifiers("email", "phone"), {"type": "email", "value": self.email})

    def _identifiers(self, *types: str) -> Iterator[dict[str, str]]:
        known = ((each, self.profile.get(IDENTIFIERS[each])) for each in types)
        return ({"type": each, "value": value} for each, value in known if value)


@dataclass(frozen=True, slots=True, eq=False)
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

    @property
    def brought_by(self) -> str:
        """Who shows it in a log: ``machine`` itself, ``saml`` flows, or any ``person``."""
        return self.kind if self.kind in ("machine", "saml") else "person"


def identifier(random: Random, length: int) -> str:
    """Return a random id of [0-9a-z]."""
    return "".join(random.choices(DIGITS, k=length))


def location(fake: FakerValues) -> Location:
    """Return a city with its country and coordinates."""
    latitude, longitude, city, country, _ = fake.location_on_land()
    return Location(country, city, latitude, longitude)


def user(fake: FakerValues, said: Mapping[str, str]) -> User:
    """Return a user of whom a file has ``said`` an id and some of the profile, or nothing; the rest is made up."""
    random, username = fake.random, fake.user_name()
    browsers = agents("desktop", "phone")
    network = random.choice(NETWORKS)
    made_up = identifier(random, 12)
    profile = {name: said[name] for name in PROFILE if name in said}
    if "name" in said:
        # Names are not unique; ids are.
        username = re.sub(r"\W+", "_", f"{said['name']} {said['id']}".lower())
    username = said.get("username") or said.get("primaryEmail", "").rpartition("@")[0] or username
    email = said.get("primaryEmail") or f"{username}@{fake.safe_domain_name()}"
    random.randrange(100, 200)  # for nobody: it keeps the later values of each seed as they were
    return User(
        id=said.get("id") or made_up,
        name=said.get("name") or username,
        email=email,
        profile=profile if profile.keys() & set(IDENTIFIERS.values()) else {"username": username} | profile,
        location=location(fake),
        network=f"{network}{random.randrange(16, 65536):x}::" if ":" in network else network,
        agents=tuple(random.choices(browsers, [agent.weight for agent in browsers], k=random.choice((1, 2, 2, 3)))),
    )


def application(fake: FakerValues, number: int, said: Mapping[str, str]) -> Application:
    """Return the application of that number (from 0), of which a file has ``said`` id and kind, or nothing.

    Kinds that are made up take turns, except for the one that speaks SAML.
    """
    random, kind = fake.random, said.get("kind") or ("saml" if number == SAML else KINDS[number % len(KINDS)])
    sdks = agents("sdk")
    named = kind in ("web", "machine", "saml")
    made_up = identifier(random, 21)
    lasting = said.get("id") or made_up
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
