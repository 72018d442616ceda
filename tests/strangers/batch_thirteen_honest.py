"""The honest ones of the thirteenth batch: unusual servers that keep the document and HTTP."""

from __future__ import annotations

import gzip
import json
import random
import re
import time
from typing import Any

from tests.strangers.base import KEYS, Ask, Base, Reply, stranger

Rows = list[dict[str, Any]]


@stranger("honest")
class RestlessTag(Base):
    """Each answer has a weak ETag that no other answer has, so that a tag sent back gets the whole list again."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        reply.headers.append(("ETag", f'W/"{self.asked}"'))
        if reply.status == 200 and ask.headers.get("if-none-match") == "*":
            reply.status = 304
        return reply


@stranger("honest")
class HtmlRefusals(Base):
    """Refusals are web pages, and a 401 names two challenges in one header."""

    def error(self, status: int, code: str) -> Reply:
        headers = [("Content-Type", "text/html; charset=utf-8")]
        if status == 401:
            headers.append(("WWW-Authenticate", 'Bearer realm="logs", error="invalid_token", Negotiate'))
        return Reply(status, headers, f"<!doctype html><title>{status}</title><p>{code}".encode())


@stranger("honest")
class MapOrder(Base):
    """The members of every object come in another order in each answer, as a hash map gives them."""

    def dumps(self, rows: Rows) -> bytes:
        dice = random.Random(self.asked)

        def mixed(value: Any) -> Any:
            if isinstance(value, dict):
                return {name: mixed(value[name]) for name in dice.sample(sorted(value), len(value))}
            return [mixed(item) for item in value] if isinstance(value, list) else value

        return super().dumps(mixed(rows))


@stranger("honest")
class JavaDoubles(Base):
    """Writes createdAt with an exponent, as `1.760000000123E12`."""

    def dumps(self, rows: Rows) -> bytes:
        def double(found: re.Match[str]) -> str:
            digits = found[2]
            return f"{found[1]}{digits[0]}.{digits[1:].rstrip('0') or '0'}E{len(digits) - 1}"

        return re.sub(r'("createdAt": )(\d+)', double, super().dumps(rows).decode()).encode()


@stranger("honest")
class PartsOfMilliseconds(Base):
    """createdAt has digits behind the point, for its clock counts microseconds."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        return log | {"createdAt": log["createdAt"] + number * 37 % 1000 / 1000}


@stranger("honest")
class MembersOfItsOwn(Base):
    """Logs and payloads have members that the document does not name, some of them null or oddly named."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        log["payload"] |= {"location": None, "": "", "__proto__": {"a": 1}, "constructor": [None, True]}
        return {"_links": {"self": {"href": f"/x/{log['id']}"}}, "updatedAt": None, **log, "toString": "no"}


@stranger("honest")
class LongAssertions(Base):
    """Every twenty-fifth log has an assertion of 60,000 characters in its params."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        if number % 25 == 3:
            log["payload"]["params"] = {"assertion": f"{number:06}" * 10_000}
        return log


@stranger("honest")
class ThreeEachFourth(Base):
    """Three logs are written at every fourth request, so that pages move while they are read."""

    def answer(self, ask: Ask) -> Reply:
        with self.lock:
            if self.asked % 4 == 3:
                self.logs = [*(self.log(self.count + more) for more in (2, 1, 0)), *self.logs]
                self.count += 3
        return super().answer(ask)


@stranger("honest")
class ThirdReplicaLate(Base):
    """Every third request reaches a replica that does not have the newest forty logs."""

    def select(self, ask: Ask) -> Rows:
        late = {log["id"] for log in self.logs[:40]} if self.asked % 3 == 0 else set()
        return [log for log in super().select(ask) if log["id"] not in late]


@stranger("honest")
class KeyAndResult(Base):
    """No payload has more than key and result, so no log has a user or an application."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        return log | {"payload": {"key": log["key"], "result": log["payload"]["result"]}}


@stranger("honest")
class PictureKeys(Base):
    """One of the keys is 128 characters long, most of them pictures of four bytes each; the tenant has no name."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        if log["key"] == KEYS[1]:
            log["key"] = log["payload"]["key"] = "Interaction." + "\N{FOX FACE}" * 116
        return log | {"tenantId": ""}


@stranger("honest")
class SixtyDeep(Base):
    """The params of some logs lie in one another sixty deep."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        inner: Any = "end"
        for depth in range(60 if number % 9 == 2 else 0):
            inner = {"claims": inner} if depth % 2 else [inner]
        log["payload"]["params"] = {"requested": inner}
        return log


@stranger("honest")
class GzipUnlessRefused(Base):
    """Compresses also for a client without Accept-Encoding, who takes any coding (RFC 9110, 12.5.3)."""

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        reply.headers.append(("Vary", "Accept-Encoding"))
        weights = {"*": 1.0}
        if "accept-encoding" in ask.headers:
            weights = {}
            for part in ask.headers["accept-encoding"].lower().split(","):
                name, _, weight = part.replace(" ", "").partition(";q=")
                weights[name] = float(weight) if re.fullmatch(r"[01](\.\d{0,3})?", weight) else 1.0
        if reply.body and weights.get("gzip", weights.get("*", 0.0)) > 0:
            reply.body = gzip.compress(reply.body, mtime=0)
            reply.headers.append(("Content-Encoding", "gzip"))
        return reply


@stranger("honest")
class HeaderForms(Base):
    """Tabs behind the colons, an empty header, one with a letter beyond ASCII, and a media type in capitals."""

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        headers = [("Content-Type", 'Application/JSON;Charset="UTF-8"'), ("X-Empty", ""), ("X-Place", "Caf\xe9")]
        return Reply(200, headers, self.dumps(rows))

    def finish(self, ask: Ask, reply: Reply) -> Reply:
        head, _, body = reply.on_wire(ask.method).partition(b"\r\n\r\n")
        reply.raw = head.replace(b": ", b":\t ") + b"\t\r\n\r\n" + body
        return reply


@stranger("honest")
class SlashesEscaped(Base):
    """Writes each slash as `\\/` and each letter beyond ASCII as an escape, with blank lines around the list."""

    def dumps(self, rows: Rows) -> bytes:
        return b"\n\n" + json.dumps(rows).replace("/", "\\/").encode() + b"\r\n\t\n"


@stranger("honest")
class BigNumbers(Base):
    """The params of some logs hold numbers that fit neither 64 bits nor a double exactly."""

    def log(self, number: int) -> dict[str, Any]:
        log = super().log(number)
        log["payload"]["params"] = {"nonce": 10**40 + number, "zero": -0.0, "tiny": 5e-324, "large": 1e300}
        return log


@stranger("honest")
class ValidatesFirst(Base):
    """Looks at the parameters before the token, so that a bad page is 400 also for whoever has no token."""

    def refusal(self, ask: Ask) -> Reply | None:
        reply = self.listing(ask)
        return reply if reply.status == 400 else super().refusal(ask)


@stranger("honest")
class CountKeptAwhile(Base):
    """A log is written at every third request, and Total-Number is counted again only after two seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.counted: dict[str, tuple[float, int]] = {}

    def answer(self, ask: Ask) -> Reply:
        with self.lock:
            if self.asked % 3 == 2:
                self.logs = [self.log(self.count), *self.logs]
                self.count += 1
        return super().answer(ask)

    def shown(self, ask: Ask, rows: Rows) -> Reply:
        reply = super().shown(ask, rows)
        name = repr(sorted(pair for pair in ask.pairs if pair[0][:4] != "page"))
        if time.monotonic() - self.counted.get(name, (-9.0, 0))[0] > 2:
            self.counted[name] = (time.monotonic(), len(self.select(ask)))
        reply.headers.append(("Total-Number", str(self.counted[name][1])))
        return reply
