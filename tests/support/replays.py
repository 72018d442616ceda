"""Exchanges recorded from a real Logto 1.36 and 1.42, replayed to the observed profiles, and compared header by header.

A recorded exchange names its tokens (``{{GOOD}}``) and stands in for entity tags (``{{ETAG}}``, that of the same
target). Error texts and bodies were not recorded: a list is given as the ids of its logs, an error as code and data.
"""

from __future__ import annotations

import json
import lzma
import re
import time
from functools import cache
from pathlib import Path
from typing import Any

from mockserver.contract.profile import ProfileName
from mockserver.mock import tokens
from tests.support.wire import Answer, raw

RECORDED = Path(__file__).parent.parent / "recorded"
# What was recorded: the file, the profile that answers like it, and the host that the requests were sent to.
DEPLOYMENTS: dict[str, tuple[ProfileName, str]] = {
    "1.36": ("observed", "localhost:46311"),
    "1.42": ("observed-1.42", "localhost:46301"),
    "1.42-cap": ("observed-1.42", "localhost:46301"),
}
# When the tokens were made; their times are moved by as much as has passed since.
_RECORDED_AT = 1_795_723_450
# What the mock does otherwise on purpose: no browser is sent to TLS, and web pages of any origin may read.
_OTHERWISE = ("strict-transport-security", "access-control-allow-origin", "access-control-expose-headers")
# A header that the recording lacks must be missing.
_TELLING = (
    "allow", "content-encoding", "content-type", "etag", "link", "total-number", "total-number-is-capped",
    "transfer-encoding", "vary",
)  # fmt: skip


@cache
def exchanges(name: str) -> list[dict[str, Any]]:
    """Returns the recorded exchanges of one deployment."""
    text = lzma.decompress((RECORDED / f"real-{name}.jsonl.xz").read_bytes()).decode()
    return [json.loads(line) for line in text.splitlines()]


def logs(name: str) -> bytes:
    """Returns the logs of one deployment as JSON lines, in its own order."""
    return lzma.decompress((RECORDED / f"logs-{name}.jsonl.xz").read_bytes())


def differences(port: int, name: str, exchange: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Returns what the mock's answer has otherwise: the fact, as recorded and as answered."""
    recorded, answered = _recorded(exchange), _answered(play(port, name, exchange["request"]), exchange)
    return {fact: (value, answered[fact]) for fact, value in recorded.items() if value != answered[fact]}


def play(port: int, name: str, request: dict[str, Any]) -> Answer:
    """Sends a recorded request, with a token and an entity tag of the mock in place of the recorded ones."""
    headers = [(field, value) for field, value in request["headers"] if not field.startswith("!")]
    special = dict(request["headers"])
    if "!nohost" not in special and "host" not in map(str.lower, special):
        headers.insert(0, ("Host", DEPLOYMENTS[name][1]))
    body = (request["body"] or "").encode()
    headers += [("Content-Length", str(len(body)))] if body else []
    lines = [f"{request['method']} {request['target']} {special.get('!proto', 'HTTP/1.1')}"]
    lines += [f"{field}: {value}" for field, value in headers] + ["Connection: close", "", ""]
    tag = ""
    if "{{ETAG" in str(headers):
        tag = play(port, name, request | {"headers": [["Authorization", "Bearer {{GOOD}}"]]}).header("etag") or ""
    text = "\r\n".join(lines).replace("{{ETAG}}", tag).replace("{{ETAG_NOQUOTES}}", tag.strip('"'))
    text = re.sub(r"\{\{(\w+)\}\}", lambda match: _token(match[1]), text)
    return raw(port, text.encode() + body, request["method"])


@cache
def _claims() -> dict[str, Any]:
    described: dict[str, Any] = json.loads((RECORDED / "token-claims.json").read_text())
    return described


@cache
def _token(name: str) -> str:
    """Returns the token of that name, with the recorded claims, signed with the mock's key."""
    described = _claims()[name]
    passed = int(time.time()) - _RECORDED_AT
    claims = {key: _moved(key, value, passed) for key, value in described["claims"].items()}
    if claims.get("iss") == _claims()["GOOD"]["claims"]["iss"]:
        claims["iss"] = tokens.ISSUER
    header = described["header"] if isinstance(described["header"], dict) else {}
    kid = header.get("kid")
    own = tokens.test_key()["kid"] if kid == _claims()["GOOD"]["header"]["kid"] else kid
    sign: tokens.Signing = {"ALGNONE": "none", "HS256": "hs256", "OTHERKEY": "other-key"}.get(name, "es384")
    token = tokens.mint(claims, {"typ": None} | header | {"kid": own}, sign)
    head, body, signature = token.split(".")
    changed = {
        "TAMPER_SIG": lambda: tokens.tamper(token, "signature"),
        "TAMPER_PAYLOAD": lambda: tokens.tamper(token, "payload"),
        "TWOPARTS": lambda: f"{head}.{body}",
        "FOURPARTS": lambda: f"{token}.x",
        "PADDED": lambda: f"{token}==",
        "NOSIG": lambda: f"{head}.{body}.",
        "BADB64": lambda: f"!!!.{body}.{signature}",
    }
    return changed[name]() if name in changed else token


def _moved(name: str, value: Any, passed: int) -> Any:
    is_time = name in ("iat", "nbf", "exp") and type(value) in (int, float) and value > 0
    return value + passed if is_time else value


def _recorded(exchange: dict[str, Any]) -> dict[str, Any]:
    answer = Answer(exchange["status"], [tuple(header) for header in exchange["headers"]], b"")
    error = exchange.get("error", {})
    return _facts(answer, exchange) | {
        "ids": exchange.get("ids"), "id": exchange.get("id"), "code": error.get("code"), "data": _timeless(error),
    }  # fmt: skip


def _answered(answer: Answer, exchange: dict[str, Any]) -> dict[str, Any]:
    body = answer.json() if {"ids", "id", "error"} & exchange.keys() else None
    error = body if "error" in exchange and isinstance(body, dict) else {}
    return _facts(answer, exchange) | {
        "ids": [log["id"] for log in body] if "ids" in exchange and isinstance(body, list) else None,
        "id": body.get("id") if "id" in exchange and isinstance(body, dict) else None,
        "code": error.get("code"),
        "data": _timeless(error),
    }


def _facts(answer: Answer, exchange: dict[str, Any]) -> dict[str, Any]:
    names = {field.lower() for field, _ in exchange["headers"]}.difference(_OTHERWISE).union(_TELLING)
    if exchange["status"] >= 400 and "text/plain" not in str(exchange["headers"]):
        # The length of a text of our own.
        names.discard("content-length")
    facts = {"status": answer.status} | {name: answer.all(name) for name in sorted(names)}
    # Paths in the stack traces of some logs were replaced by others as long, so the tag shows its form and the length.
    return facts | {"etag": [re.sub(r"(?<=-)[A-Za-z0-9+/]{27}(?=\"$)", "SHA-1", tag) for tag in facts["etag"]]}


def _timeless(error: dict[str, Any]) -> Any:
    """Returns the data of an error without texts, and without the claims that differ: times, and the issuer's name."""
    data = error.get("data")
    if not isinstance(data, dict):
        return data
    kept = dict(data)
    if "payload" in kept:
        kept["payload"] = {
            name: value for name, value in kept["payload"].items() if name not in ("iat", "exp", "iss", "nbf")
        }
    if "issues" in kept:
        kept["issues"] = [
            {name: value for name, value in issue.items() if name != "message"} for issue in kept["issues"]
        ]
    return kept
