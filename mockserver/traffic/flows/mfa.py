"""Second factors: asked for after the password, or set up in passing."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import blake2b, sha256
from typing import Any

from mockserver.traffic.dialog import Dialog
from mockserver.traffic.errors import refused
from mockserver.traffic.flows.signin import digits, type_password
from mockserver.traffic.flows.tokens import exchange
from mockserver.traffic.people import User
from mockserver.traffic.visit import PersonVisit, Visit

HOST = "sign-in.example.com"  # the relying party of every passkey
BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"  # RFC 4648: how an authenticator is told its secret
MASKED = "******"


def second_factor(visit: PersonVisit) -> None:
    """Password, then a code of the authenticator, mistyped now and then."""
    dialog, user = _asked(visit, "Totp", "BackupCode")
    for _ in range(visit.random.choice((0, 0, 0, 1))):
        _totp(dialog, user, refused("session.mfa.invalid_totp_code"))
    _totp(dialog, user)
    dialog.finish()
    exchange(visit)


def backup_code(visit: PersonVisit) -> None:
    """Password, but the phone is lost: one of the ten codes noted down, perhaps one that was used before."""
    dialog, user = _asked(visit, "Totp", "BackupCode")
    for _ in range(visit.random.choice((0, 0, 1))):
        visit.pause(20_000, 90_000)
        payload = {"code": _code(visit)}
        dialog.verify("BackupCode", refused("session.mfa.invalid_backup_code"), payload)
    visit.pause(10_000, 60_000)
    code = _code(visit)
    dialog.verify("BackupCode", None, {"code": code}, userId=user.id, code=code)
    dialog.finish()
    exchange(visit)


def passkey(visit: PersonVisit) -> None:
    """Password, then a passkey: a finger on the device, sometimes the wrong one."""
    dialog, user = _asked(visit, "WebAuthn", "BackupCode")
    challenge = visit.fresh.token(43)
    visit.pause(200, 2_000)
    verification = dialog.begin("WebAuthn", userId=user.id, verified=False, authenticationChallenge=challenge)
    for _ in range(visit.random.choice((0, 0, 1))):
        visit.pause(3_000, 20_000)
        error = refused("session.mfa.webauthn_verification_failed")
        dialog.verify("WebAuthn", error, _assertion(visit, user, verification))
    visit.pause(2_000, 15_000)
    dialog.verify("WebAuthn", None, _assertion(visit, user, verification), verified=True)
    dialog.finish()
    exchange(visit)


def enrol(visit: PersonVisit) -> None:
    """Password, then an authenticator is set up, and backup codes with it."""
    dialog, user = Dialog(visit, "SignIn"), visit.user
    type_password(dialog, user)
    dialog.identify(user)
    visit.pause(500, 4_000)
    secret = "".join(visit.random.choices(BASE32, k=32))
    verification = dialog.begin("Totp", userId=user.id, verified=False, secret=secret)
    visit.pause(15_000, 90_000)
    dialog.verify("Totp", None, {"code": digits(visit), "verificationId": verification}, verified=True)
    _bind(dialog, "totp", {"type": "Totp", "secret": secret}, secret=MASKED)
    visit.pause(20, 300)
    codes = [_code(visit) for _ in range(10)]
    dialog.begin("BackupCode", userId=user.id, backupCodes=codes)
    visit.pause(8_000, 60_000)
    _bind(dialog, "backupCode", {"type": "BackupCode", "codes": codes})
    dialog.finish()
    exchange(visit)


def enrol_passkey(visit: PersonVisit) -> None:
    """Password, then the device is registered as a passkey."""
    dialog, user = Dialog(visit, "SignIn"), visit.user
    type_password(dialog, user)
    dialog.identify(user)
    visit.pause(500, 4_000)
    challenge = visit.fresh.token(43)
    verification = dialog.begin(
        "WebAuthn", userId=user.id, verified=False, registrationChallenge=challenge, registrationRpId=HOST
    )
    visit.pause(4_000, 30_000)
    made = {
        "type": "WebAuthn",
        "rpId": HOST,
        "credentialId": _credential(user),
        "publicKey": visit.fresh.token(103),
        "counter": 0,
        "agent": visit.client["userAgent"],
        "transports": [],
    }
    answer = {"attestationObject": visit.fresh.token(80), "clientDataJSON": visit.fresh.token(120)}
    payload = _said(user, verification, answer)
    dialog.verify("WebAuthn", None, payload, verified=True, registrationInfo=made)
    _bind(dialog, "webAuthn", [made])
    dialog.finish()
    exchange(visit)


def _asked(visit: PersonVisit, *factors: str) -> tuple[Dialog, User]:
    """The password is right, and not enough."""
    dialog, user = Dialog(visit, "SignIn"), visit.user
    type_password(dialog, user)
    dialog.identify(user)
    visit.pause(30, 200)
    data = {"availableFactors": list(factors), "maskedIdentifiers": {}}
    dialog.step("Submit", refused("session.mfa.require_mfa_verification", data))
    return dialog, user


def _bind(dialog: Dialog, name: str, factor: Any, **masked: str) -> None:
    """Add a factor to those that the interaction will leave with the user."""
    dialog.visit.pause(20, 400)
    record = dialog.records[-1]
    dialog.mfa[name] = factor
    key = f"BindMfa.{record['type']}.Submit"
    dialog.step(key, verification=record | masked, verificationId=record["id"])


def _totp(dialog: Dialog, user: User, error: dict[str, Any] | None = None) -> None:
    dialog.visit.pause(5_000, 28_000)
    dialog.verify("Totp", error, {"code": digits(dialog.visit)}, userId=user.id, verified=True)


def _code(visit: Visit) -> str:
    return f"{visit.random.randrange(16**10):010x}"


def _assertion(visit: Visit, user: User, verification: str) -> dict[str, Any]:
    """What a browser sends to prove a passkey; its signature and the data it signs are opaque here."""
    # WebAuthn, 6.1: the hash of the relying party's id, flags (present, verified), a counter that stays 0.
    data = sha256(HOST.encode()).digest() + b"\x05" + bytes(4)
    answer = {"authenticatorData": _text(data), "clientDataJSON": visit.fresh.token(120)}
    return _said(user, verification, answer | {"signature": visit.fresh.token(96)})


def _said(user: User, verification: str, answer: dict[str, str]) -> dict[str, Any]:
    credential = _credential(user)
    said = {"type": "WebAuthn", "id": credential, "rawId": credential, "response": answer}
    return {"verificationId": verification, "payload": said | {"clientExtensionResults": {}}}


def _credential(user: User) -> str:
    """The id of the user's passkey, which lasts."""
    return _text(blake2b(user.id.encode(), digest_size=16).digest())


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
