"""Errors as real logs have them: objects in interactions, strings at the token endpoint.

The codes come from recorded logs; those of captchas, passkeys, backup codes and SAML come from the vendor's source. The
messages are our own.
"""

from __future__ import annotations

from typing import Any

from mockserver.contract.jsontext import encode

MESSAGES = {
    "session.captcha_failed": "The captcha was not solved.",
    "session.invalid_credentials": "The account or the password is wrong.",
    "session.identifier_not_found": "Nobody is identified yet. Begin the sign-in again.",
    "session.mfa.require_mfa_verification": "A second factor is needed to sign in.",
    "session.mfa.invalid_totp_code": "The code of the authenticator is wrong.",
    "session.mfa.invalid_backup_code": "The backup code is wrong, or was used before.",
    "session.mfa.webauthn_verification_failed": "The passkey was not accepted.",
    "verification_code.code_mismatch": "The verification code is wrong.",
    "verification_code.expired": "The verification code has expired. Ask for a new one.",
    "user.username_already_in_use": "The username is taken.",
    "user.email_already_in_use": "The e-mail address is taken.",
    "user.phone_already_in_use": "The phone number is taken.",
    "user.user_not_exist": "No user has this identifier.",
    "user.missing_mfa": "Set up a second factor, or skip it.",
    "password.rejected": "The password does not meet the policy.",
    "application.saml.auth_request_issuer_not_match": "The request comes from another service than the one set up.",
}


def refused(code: str, data: Any = None) -> dict[str, Any]:
    """Return the error object of an interaction, with ``data`` when the code needs more detail."""
    return {"code": code, "message": MESSAGES[code]} | ({} if data is None else {"data": data})


def oauth(error: str, description: str, detail: str = "", status: int = 400) -> str:
    """Return the error string of the token endpoint: JSON in a string, as the deployment's OpenID provider prints it.

    ``error`` is a code of RFC 6749, 5.2, or of one of its extensions.
    """
    name = "".join(map(str.capitalize, error.split("_")))
    fields = {
        "stack": f"{name}: {error}",
        "message": error,
        "allow_redirect": True,
        "name": name,
        "error": error,
        "status": status,
        "statusCode": status,
        "expose": True,
        "error_description": description,
    }
    return encode(fields | ({"error_detail": detail} if detail else {})).decode()
