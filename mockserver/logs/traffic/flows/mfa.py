"""Second factors: demanded after the password, or set up during a sign-in."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import blake2b, sha256
from typing import Any

from mockserver.logs.traffic.errors import refused
from mockserver.logs.traffic.flows.signin import complete, digits, with_password
from mockserver.logs.traffic.interaction import PersonInteraction
from mockserver.logs.traffic.users import User
from mockserver.logs.traffic.visit import MASKED, PersonVisit, Visit

HOST = "sign-in.example.com"  # the relying party of every passkey
BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"  # RFC 4648: the alphabet of an authenticator's secret


def second_factor(visit: PersonVisit) -> None:
    """Password, then a code of the authenticator, mistyped now and then."""
    interaction = _second_factor_demanded(visit, "Totp", "BackupCode")
    for _ in range(visit.random.choice((0, 0, 0, 1))):
        _totp(interaction, refused("session.mfa.invalid_totp_code"))
    complete(_totp(interaction))


def backup_code(visit: PersonVisit) -> None:
    """Password, then one of the ten backup codes, since the phone is lost; perhaps a used one first."""
    interaction, user = _second_factor_demanded(visit, "Totp", "BackupCode"), visit.user
    for _ in range(visit.random.choice((0, 0, 1))):
        error = refused("session.mfa.invalid_backup_code")
        interaction.pause(20_000, 90_000).verify("BackupCode", error, {"code": _code(visit)})
    code = _code(visit.pause(10_000, 60_000))
    complete(interaction.verify("BackupCode", None, {"code": code}, userId=user.id, code=code))


def passkey(visit: PersonVisit) -> None:
    """Password, then a passkey; the device sometimes refuses the first finger."""
    interaction, user = _second_factor_demanded(visit, "WebAuthn", "BackupCode"), visit.user
    record: dict[str, Any] = {"userId": user.id, "verified": False, "authenticationChallenge": visit.fresh.token(43)}
    verification = interaction.pause(200, 2_000).begin("WebAuthn", **record)
    for _ in range(visit.random.choice((0, 0, 1))):
        error = refused("session.mfa.webauthn_verification_failed")
        interaction.pause(3_000, 20_000).verify("WebAuthn", error, _assertion(visit, user, verification))
    answer = _assertion(visit, user, verification)
    complete(interaction.pause(2_000, 15_000).verify("WebAuthn", None, answer, verified=True))


def enrol(visit: PersonVisit) -> None:
    """Password, then the user sets up an authenticator, and backup codes with it."""
    interaction, user = with_password(visit).pause(500, 4_000), visit.user
    secret = "".join(visit.random.choices(BASE32, k=32))
    verification = interaction.begin("Totp", userId=user.id, verified=False, secret=secret)
    payload = {"code": digits(visit.pause(15_000, 90_000)), "verificationId": verification}
    interaction.verify("Totp", None, payload, verified=True)
    _bind(interaction, "totp", {"type": "Totp", "secret": secret}, secret=MASKED)
    visit.pause(20, 300)
    codes = [_code(visit) for _ in range(10)]
    interaction.begin("BackupCode", userId=user.id, backupCodes=codes)
    complete(_bind(interaction.pause(8_000, 60_000), "backupCode", {"type": "BackupCode", "codes": codes}))


def enrol_passkey(visit: PersonVisit) -> None:
    """Password, then the user registers the device as a passkey."""
    interaction, user = with_password(visit).pause(500, 4_000), visit.user
    challenge: dict[str, Any] = {"registrationChallenge": visit.fresh.token(43), "registrationRpId": HOST}
    verification = interaction.begin("WebAuthn", userId=user.id, verified=False, **challenge)
    passkey = {
        "type": "WebAuthn",
        "rpId": HOST,
        "credentialId": _credential(user),
        "publicKey": visit.fresh.token(103),
        "counter": 0,
        "agent": visit.client["userAgent"],
        "transports": [],
    }
    answer = {"attestationObject": visit.fresh.token(80), "clientDataJSON": visit.fresh.token(120)}
    payload = _credential_payload(user, verification, answer)
    interaction.pause(4_000, 30_000).verify("WebAuthn", None, payload, verified=True, registrationInfo=passkey)
    complete(_bind(interaction, "webAuthn", [passkey]))


def _second_factor_demanded(visit: PersonVisit, *factors: str) -> PersonInteraction:
    """Return a new sign-in whose password is right, but does not suffice."""
    data = {"availableFactors": list(factors), "maskedIdentifiers": {}}
    return with_password(visit).pause(30, 200).step("Submit", refused("session.mfa.require_mfa_verification", data))


def _bind(interaction: PersonInteraction, name: str, factor: Any, **masked: str) -> PersonInteraction:
    """Add a factor to those that the user will have after the interaction."""
    record = interaction.records[-1]
    interaction.mfa[name] = factor
    key = f"BindMfa.{record['type']}.Submit"
    return interaction.pause(20, 400).step(key, verification=record | masked, verificationId=record["id"])


def _totp(interaction: PersonInteraction, error: dict[str, Any] | None = None) -> PersonInteraction:
    visit = interaction.visit
    payload = {"code": digits(visit.pause(5_000, 28_000))}
    return interaction.verify("Totp", error, payload, userId=visit.user.id, verified=True)


def _code(visit: Visit) -> str:
    return f"{visit.random.randrange(16**10):010x}"


def _assertion(visit: Visit, user: User, verification: str) -> dict[str, Any]:
    """Return what a browser sends to prove a passkey; the signature and the signed data are random texts."""
    # WebAuthn, 6.1: the hash of the relying party's id, flags (present, verified), a counter that stays 0.
    data = sha256(HOST.encode()).digest() + b"\x05" + bytes(4)
    answer = {"authenticatorData": _text(data), "clientDataJSON": visit.fresh.token(120)}
    return _credential_payload(user, verification, answer | {"signature": visit.fresh.token(96)})


def _credential_payload(user: User, verification: str, answer: dict[str, str]) -> dict[str, Any]:
    credential = _credential(user)
    payload = {"type": "WebAuthn", "id": credential, "rawId": credential, "response": answer}
    return {"verificationId": verification, "payload": payload | {"clientExtensionResults": {}}}


def _credential(user: User) -> str:
    """Return the id of the user's passkey, the same on every day."""
    return _text(blake2b(user.id.encode(), digest_size=16).digest())


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
