"""Registering: a new account by name and password."""

from __future__ import annotations

from mockserver.traffic.dialog import Dialog
from mockserver.traffic.errors import refused
from mockserver.traffic.flows.tokens import exchange
from mockserver.traffic.people import User
from mockserver.traffic.visit import PersonVisit

WEAK = [
    {"code": "password_rejected.too_short", "interpolation": {"min": 8}},
    {"code": "password_rejected.restricted.sequence"},
]


def password(visit: PersonVisit) -> None:
    """Name, password, in."""
    dialog = Dialog(visit, "Register")
    _choose(dialog, visit.user)
    dialog.identify(visit.user)
    dialog.finish()
    exchange(visit)


def taken(visit: PersonVisit) -> None:
    """The name is taken, or the password too weak; most try again with better ones."""
    dialog, user = Dialog(visit, "Register"), visit.user
    error = visit.random.choice((refused("user.username_already_in_use"), refused("password.rejected", WEAK)))
    _choose(dialog, user, error)
    if visit.random.random() < 0.7:
        _choose(dialog, user)
        dialog.identify(user)
        dialog.finish()
        exchange(visit)


def _choose(dialog: Dialog, user: User, error: dict[str, object] | None = None) -> None:
    dialog.visit.pause(8_000, 45_000)
    name = {"type": "username", "value": user.username}
    payload = {"identifier": name, "password": "******"}
    dialog.verify("NewPasswordIdentity", error, payload, identifier=name, passwordEncryptionMethod="Argon2i")
