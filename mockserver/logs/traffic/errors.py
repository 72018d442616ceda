"""Errors as real logs carry them: objects where a person interacts, strings where tokens are exchanged.

The codes were seen in recorded logs, those of captchas, passkeys, backup codes and SAML in the vendor's source; the
messages are this house's own.
"""

from __future__ import annotations

from typing import Any

from mockserver.contract.jsontext import encode

MESSAGES = {
    "session.captcha_failed": "The captcha was not solved.",
    "session.invalid_credentials": "The account or the password is wrong.",
    "session.identifier_not_found": "Nobody is identified yet. Begin the sign-in again.",
    "session.verification_session_not_found": "The verification did not succeed. Begin it again.",
    "session.mfa.require_mfa_verification": "A second factor is needed to sign in.",
    "session.mfa.invalid_totp_code": "The code of the authenticator is wrong.",
    "session.mfa.invalid_backup_code": "The backup code is wrong, or was used before.",
    "session.mfa.webauthn_verification_failed": "The passkey was not accepted.",
    "verification_code.code_mismatch": "The verification code is wrong.",
    "verification_code.expired": "The verification code has expired. Ask for a new one.",
    "user.username_already_in_use": "The username is taken.",
    "user.user_not_exist": "No user has this identifier.",
    "user.missing_mfa": "Set up a second factor, or skip it.",
    "password.rejected": "The password does not meet the policy.",
    "application.saml.auth_request_issuer_not_match": "The request comes from another service than the one set up.",
    "connector.social_auth_code_invalid": "The provider did not accept the authorization code.",
}
NAMES = {
    "invalid_grant": "InvalidGrant",
    "invalid_client": "InvalidClient",
    "invalid_target": "InvalidTarget",
    "invalid_request": "InvalidRequest",
    "unsupported_grant_type": "UnsupportedGrantType",
    "access_denied": "AccessDenied",
}


def refused(code: str, data: Any = None) -> dict[str, Any]:
    """The error object of an interaction; ``data`` only where it says more than the code."""
    return {"code": code, "message": MESSAGES[code]} | ({} if data is None else {"data": data})


def oauth(error: str, description: str, detail: str = "", status: int = 400) -> str:
    """The error string of a token endpoint: JSON within a string, as the deployment's OpenID provider prints it."""
    fields = {
        "stack": f"{NAMES[error]}: {error}",
        "message": error,
        "allow_redirect": True,
        "name": NAMES[error],
        "error": error,
        "status": status,
        "statusCode": status,
        "expose": True,
        "error_description": description,
    }
    return encode(fields | ({"error_detail": detail} if detail else {})).decode()
