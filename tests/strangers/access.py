"""Strangers that show logs to whoever may not see them, or fail over a token."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from tests.strangers.base import Ask, Base, Reply, stranger

Rows = list[dict[str, Any]]


class Unasked(Base):
    def open(self, ask: Ask) -> bool:
        raise NotImplementedError

    def refusal(self, ask: Ask) -> Reply | None:
        return None if self.open(ask) else super().refusal(ask)


@stranger("forbidden")
class OpenByFilter(Unasked):
    """Asks for no token where applicationId is given."""

    def open(self, ask: Ask) -> bool:
        return ask.first("applicationId") is not None


@stranger("forbidden")
class OpenByPage(Unasked):
    """Asks for no token from page 2 on."""

    def open(self, ask: Ask) -> bool:
        return ask.first("page") not in (None, "1")


@stranger("forbidden")
class OpenBySmallSize(Unasked):
    """Asks for no token for a page_size below 10."""

    def open(self, ask: Ask) -> bool:
        return len(ask.first("page_size") or "20") == 1


@stranger("forbidden")
class OpenToProxy(Unasked):
    """Trusts X-Forwarded-For: a caller from 127.0.0.1 needs no token."""

    def open(self, ask: Ask) -> bool:
        return ask.headers.get("x-forwarded-for", "").startswith("127.")


@stranger("forbidden")
class OpenToRealIp(Unasked):
    """Trusts X-Real-IP and Forwarded in the same way."""

    def open(self, ask: Ask) -> bool:
        return "127.0.0.1" in ask.headers.get("x-real-ip", "") + ask.headers.get("forwarded", "")


@stranger("forbidden")
class OpenToHead(Unasked):
    """Answers HEAD without a token as if one were given."""

    def open(self, ask: Ask) -> bool:
        return ask.method == "HEAD"


@stranger("forbidden")
class OpenBehindSemicolon(Base):
    """Serves `/api/logs;x=1` without a token: the guard compares paths, the router does not."""

    def answer(self, ask: Ask) -> Reply:
        return self.listing(ask) if ask.path.startswith("/api/logs;") else super().answer(ask)


@stranger("forbidden")
class ScopeOnlyOnLists(Base):
    """Does not look at the scope of a token where userId is given."""

    def may_read(self, ask: Ask, token: str) -> bool:
        return super().may_read(ask, token) or ask.first("userId") is not None


@stranger("forbidden")
class ScopeOnlyOnFirst(Base):
    """Looks at the scope of a token on page 1 alone."""

    def may_read(self, ask: Ask, token: str) -> bool:
        return super().may_read(ask, token) or ask.first("page") not in (None, "1")


def parts(token: str) -> tuple[dict[str, Any], str]:
    """The header of a JWT, and its signature; an empty header where it cannot be read."""
    head, _, rest = token.partition(".")
    try:
        return dict(json.loads(base64.urlsafe_b64decode(head + "=="))), rest.rpartition(".")[2]
    except (ValueError, TypeError, binascii.Error):
        return {}, "?"


@stranger("forbidden")
class AlgorithmNone(Base):
    """Takes a token whose header says `alg: none`."""

    def valid(self, token: str) -> bool:
        return super().valid(token) or parts(token)[0].get("alg") == "none"


@stranger("forbidden")
class EmptySignature(Base):
    """Takes a token with an empty signature under the usual header."""

    def valid(self, token: str) -> bool:
        head, signature = parts(token)
        return super().valid(token) or (head.get("alg") == "HS256" and signature == "")


@stranger("forbidden")
class AnySignature(Base):
    """Reads the claims of a token and does not verify its signature."""

    def valid(self, token: str) -> bool:
        return super().valid(token) or (token.count(".") == 2 and parts(token)[0].get("alg") == "HS256")


@stranger("forbidden")
class RefusalWithLogs(Base):
    """Answers a token without scope 403, with the logs in the body."""

    def refusal(self, ask: Ask) -> Reply | None:
        reply = super().refusal(ask)
        if reply is not None and reply.status == 403:
            reply.body = self.listing(ask).body
        return reply


@stranger("forbidden")
class OptionsWithLogs(Base):
    """Answers OPTIONS as GET, without a token."""

    def other_method(self, ask: Ask) -> Reply:
        return self.listing(ask) if ask.method == "OPTIONS" else super().other_method(ask)


@stranger("forbidden")
class AnyMethodWithLogs(Base):
    """Answers methods that it does not know as GET, and the guard knows GET alone."""

    unsafe = True

    def other_method(self, ask: Ask) -> Reply:
        return super().other_method(ask) if ask.method == "OPTIONS" else self.listing(ask)


@stranger("forbidden")
class LongTokenFails(Base):
    """Answers 500 to a token of more than 2,000 characters."""

    def refusal(self, ask: Ask) -> Reply | None:
        long = len(ask.headers.get("authorization", "")) > 2_000
        return self.error(500, "internal") if long else super().refusal(ask)


@stranger("forbidden")
class ForeignTokenFails(Base):
    """Answers 500 to a token that is not ASCII."""

    def refusal(self, ask: Ask) -> Reply | None:
        ascii_only = ask.headers.get("authorization", "").isascii()
        return super().refusal(ask) if ascii_only else self.error(500, "internal")
