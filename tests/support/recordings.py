"""Exchanges that were recorded from a real deployment; each is played to the mock, and the answers are compared."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.support.variants import mint
from tests.support.wire import Answer, request

TESTS = Path(__file__).parent.parent
EXCHANGES = [json.loads(line) for line in (TESTS / "recorded" / "logto-1.36.0.jsonl").read_text().splitlines()]
LOGS = [json.loads(line) for line in (TESTS.parent / "fixtures" / "recorded.jsonl").read_text().splitlines()]
CREATED = {log["id"]: log["createdAt"] for log in LOGS}

# Recorded ETags, which other recorded requests send back, and the path that each belongs to.
_TAGGED = {
    value: exchange["request"]["path"]
    for exchange in EXCHANGES
    for name, value in exchange["headers"]
    if name == "etag" and exchange["status"] == 200
}


def play(port: int, exchange: dict[str, Any]) -> Answer:
    """Sends the recorded request, with tokens and ETags of this mock in place of the recorded ones."""
    recorded = exchange["request"]
    headers = [(name, _here(port, value)) for name, value in recorded["headers"]]
    if not any(name == "Host" for name, _ in headers):
        headers.append(("Host", "localhost:3011"))
    return request(port, recorded["path"], headers, recorded["method"], recorded.get("http", "1.1"))


def _here(port: int, value: str) -> str:
    return _etag(port, value) if value in _TAGGED else re.sub(r"\{\{(\w+)\}\}", lambda name: mint(name[1]), value)


@cache
def _etag(port: int, recorded: str) -> str:
    answer = request(port, _TAGGED[recorded], [("Authorization", f"Bearer {mint('TOKEN_ALL')}")])
    return answer.header("etag") or "the mock sent no ETag"


def recorded_facts(exchange: dict[str, Any]) -> dict[str, Any]:
    """Returns the facts of a recorded answer that are compared."""
    error = exchange.get("error", {})
    answer = Answer(exchange["status"], [(name, value) for name, value in exchange["headers"]], b"")
    return _facts(answer) | {
        "code": error.get("code"),
        "data.code": (error.get("data") or {}).get("code"),
        "issues": (error.get("data") or {}).get("issues"),
        "createdAt": [CREATED[log_id] for log_id in exchange["ids"]] if "ids" in exchange else None,
        "log": exchange.get("log"),
    }


def played_facts(answer: Answer, exchange: dict[str, Any]) -> dict[str, Any]:
    """Returns the same facts of the mock's answer, as far as the recording has them."""
    body = answer.json() if {"ids", "log", "error"} & exchange.keys() else None
    error = body if "error" in exchange and isinstance(body, dict) else {}
    return _facts(answer) | {
        "code": error.get("code"),
        "data.code": (error.get("data") or {}).get("code"),
        "issues": _without_texts((error.get("data") or {}).get("issues")),
        "createdAt": [log["createdAt"] for log in body] if "ids" in exchange and isinstance(body, list) else None,
        "log": body if "log" in exchange else None,
    }


def _without_texts(issues: list[dict[str, Any]] | None) -> list[dict[str, Any]] | None:
    """Returns the issues without their messages, which the recording lacks."""
    return issues and [{name: value for name, value in issue.items() if name != "message"} for issue in issues]


def _facts(answer: Answer) -> dict[str, Any]:
    return {
        "status": answer.status,
        "total": answer.header("total-number"),
        "links": {rel: parse_qs(urlsplit(url).query)["page"] for rel, url in answer.links().items()},
        "tagged": answer.header("etag") is not None,
        "media": (answer.header("content-type") or "").partition(";")[0],
    }
