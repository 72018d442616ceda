"""Pseudonyms: logs in which everything that is not known to be public is replaced.

*Problem.* The same value must become the same pseudonym in every place and in every file of one key, different values
must stay different, and no table of originals may be kept.

*Idea.* A text is cut into words, and each word goes through a permutation of all words of its shape, which the key
chooses: a Feistel network over mixed radices (NIST SP 800-38G describes the same construction). A permutation needs no
memory and never makes two words equal. It is repeated until the result has the shape of the word and is not public
("cycle walking"), which keeps it a permutation. Since words are all there is, a value has the same pseudonym in a
member, in JSON within a string, in a URL and in a stack trace. Only an allow list is left as it is: the names and
enumerations of the document, the error codes and user agents that the mock knows, and ``public.txt``.

*Limits.* Whoever has the key can undo the permutation. An IPv4 address cannot be permuted within 198.18.0.0/15: there
are more addresses than places. Its place follows from the key. The second address that meets a taken place gets one of
240.0.0.0/4, so for such a pair the order within a file counts; among 1,000 addresses there are about four pairs.
Punctuation stays.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from hashlib import scrypt, shake_256
from ipaddress import IPv4Address, IPv6Address
from math import prod
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from mockserver.contract.document import Log, contract
from mockserver.contract.jsontext import decode, encode
from mockserver.logs.traffic.agents import agents
from mockserver.logs.traffic.errors import MESSAGES


def _known(schema: Any) -> Iterator[str]:
    """Yield the names of members, and the enumerated texts, of a schema."""
    if isinstance(schema, dict):
        yield from (*schema.get("properties", ()), *schema.get("enum", ()))
        for part in schema.values():
            yield from _known(part)


# What the package knows from nowhere else: log keys, error codes and members, of recorded logs and the vendor's source.
PUBLIC = {*Path(__file__).with_name("public.txt").read_text(encoding="utf-8").split()}
PUBLIC |= {*_known(contract().log_schema), *MESSAGES}
# The common user agents. What the deployment's parser made of one is as public as the agent.
_AGENTS = {agent.text: agent.parsed for agent in agents()}
# An id mixes digits and letters; of a shorter word, such as a name, each character keeps its kind.
SHORTEST_ID = 12
ROUNDS = 10  # as FF1 has
# Reserved addresses: RFC 2544 (benchmarks), RFC 1112, 4 (future use).
_NEAR, _FAR = int(IPv4Address("198.18.0.0")), int(IPv4Address("240.0.0.0"))
# Later times than this are no times; a shift would leave the numbers that JSON readers agree on.
_LATEST = 2**53
# JSON and percent-encoding within texts are followed to this depth: below it a text is only words. Percent-encoding
# counts more, since a text within it may be nearly as long.
DEEPEST = 40
_ENCODED = 10
# Members whose lengths the contract limits: nothing may be appended to their words.
_LIMITED = frozenset(("id", "tenantId", "key"))
_BLOCK = 128  # code points in a block of Unicode, as far as pseudonyms care
_LETTERS = r"0-9A-Za-z\x80-\U0010ffff"
_WORD = re.compile(rf"[{_LETTERS}]{{1,200}}")
_HOST = rf"[{_LETTERS}_-]+(?:\.[{_LETTERS}_-]+)*"
# What stands before an @ has up to 64 characters (RFC 5321, 4.5.3.1.1).
PARTS = re.compile(
    rf"(?<=://)(?P<host>{_HOST})(?P<port>:\d{{1,5}}(?![^/?#\s\"']))?"
    rf"|(?P<local>[{_LETTERS}_.+'-]{{1,64}})@(?P<domain>{_HOST}\.[{_LETTERS}-]*[A-Za-z][{_LETTERS}-]*)"
    r"|(?<!\w)\+(?P<phone>\d{8,15})(?!\w)"
    r"|(?<![\w:.])(?P<v6>(?:[0-9A-Fa-f]{0,4}:){2,8}[0-9A-Fa-f.]*)(?![\w:])"
    rf"|(?P<run>(?:[{_LETTERS}_.-]|%[0-9A-Fa-f]{{2}})+)"
)


class Pseudonyms:
    """The pseudonyms of one key. ``shift`` (ms) is added to the times of logs.

    ``owner`` returns which address owns a reserved one: the given one, if there was none. It may outlive a run.
    """

    def __init__(self, key: str, shift: int = 0) -> None:
        self._key = _stretched(key)
        self._shift = shift
        self.owner: Callable[[int, int], int] = dict[int, int]().setdefault
        self._word = lru_cache(maxsize=65_536)(self._permuted)

    def log(self, log: Log) -> Log:
        """Return a log in which only public values are left."""
        renamed: Log = self._value(log, "", 0)
        return renamed

    def text(self, text: str, depth: int = 0) -> str:
        """Return a text in which only public words are left; JSON in it stays JSON."""
        if text in _AGENTS:
            return text
        if depth < DEEPEST and text[:1] in ("{", "["):
            try:
                return encode(self._value(decode(text), "", depth + 1)).decode()
            except ValueError:
                pass
        return PARTS.sub(lambda part: self._part(part, depth), text)

    def _value(self, value: Any, name: str, depth: int) -> Any:
        if isinstance(value, str):
            return self._run(value) if name in _LIMITED else self.text(value, depth)
        if isinstance(value, list):
            return [self._value(item, name, depth + 1) for item in value]
        if isinstance(value, dict):
            if name == "userAgentParsed" and value == _AGENTS.get(str(value.get("ua"))):
                return value
            return {self.text(key, depth): self._value(item, key, depth + 1) for key, item in value.items()}
        is_time = name.endswith("At") and type(value) in (int, float) and abs(value) <= _LATEST
        return value + self._shift if is_time else value

    def _part(self, part: re.Match[str], depth: int) -> str:
        if part["host"]:
            return self._host(part["host"]) + (part["port"] or "")
        if part["domain"]:
            return f"{self._words(part['local'])}@{self._host(part['domain'])}"
        if part["phone"]:  # E.164: no number begins with 0, so this one is nobody's
            return f"+0{self._words(part['phone'])}"
        if part["v6"]:
            try:
                return self._v6(IPv6Address(part["v6"]))
            except ValueError:
                return self._words(part["v6"])
        run = part["run"]
        if "%" not in run:
            return self._address(run)
        plain = unquote(run, errors="replace")
        return quote(self.text(plain, depth + _ENCODED) if depth < DEEPEST else self._words(plain), safe="")

    def _host(self, host: str) -> str:
        """Return a host that cannot be anybody's (RFC 2606); a public one, an address and a single label stay such."""
        same = self._address(host)
        is_name = "." in host and same == self._run(host) and host not in PUBLIC
        return f"{self._words(host)}.example" if is_name else same

    def _address(self, run: str) -> str:
        try:
            return self._v4(IPv4Address(run))
        except ValueError:
            return self._run(run)

    def _run(self, run: str) -> str:
        """Return a run of words without blanks; it is public as a whole, or not at all."""
        if run in PUBLIC:
            return run
        while (run := self._words(run)) in PUBLIC:
            pass
        return run

    def _words(self, text: str) -> str:
        return _WORD.sub(lambda word: self._word(word[0]), text)

    def _permuted(self, word: str) -> str:
        shape = _shape(word)
        lefts, rights = (prod(map(len, half)) for half in (shape[: len(shape) // 2], shape[len(shape) // 2 :]))
        while True:
            number = 0
            for character, alphabet in zip(word, shape, strict=True):
                number = number * len(alphabet) + alphabet.index(character)
            word = _written(self._feistel(number, lefts, rights), shape)
            if _shape(word) == shape:
                return word

    def _feistel(self, number: int, lefts: int, rights: int) -> int:
        left, right = divmod(number, rights)
        for round_number in range(0, ROUNDS, 2):
            left = (left + self._hash(round_number, right, lefts, rights)) % lefts
            right = (right + self._hash(round_number + 1, left, lefts, rights)) % rights
        return left * rights + right

    def _hash(self, number: int, half: int, lefts: int, rights: int) -> int:
        length = max(lefts, rights).bit_length() // 8 + 16  # so many bits more that the remainder is even
        return int.from_bytes(shake_256(self._key + b"%x:%x:%x:%x" % (number, half, lefts, rights)).digest(length))

    def _v4(self, address: IPv4Address) -> str:
        mixed = self._feistel(int(address), 2**16, 2**16)
        place = _NEAR + mixed % 2**17
        if self.owner(place, mixed) != mixed:
            place = _FAR + mixed % 2**28
            while self.owner(place, mixed) != mixed:
                place = _FAR + (place + 1) % 2**28
        return str(IPv4Address(place))

    def _v6(self, address: IPv6Address) -> str:
        return str(IPv6Address("2001:db8::") + self._feistel(int(address), 2**64, 2**64) % 2**96)


@cache
def _stretched(key: str) -> bytes:
    """Return 32 bytes that cost a guesser of short keys 50 ms a guess (RFC 7914)."""
    return scrypt(key.encode(errors="replace"), salt=b"mockserver record", n=2**14, r=8, p=1, dklen=32)


@cache
def _alphabet(character: str) -> str:
    """Return the characters of the same kind in the same block of Unicode."""
    start, kind = ord(character) // _BLOCK * _BLOCK, unicodedata.category(character)
    return "".join(c for c in map(chr, range(start, start + _BLOCK)) if unicodedata.category(c) == kind)


def _shape(word: str) -> tuple[str, ...]:
    """Return the alphabet of each character: that of its kind, or in an id one for all."""
    kinds = sorted(set(map(_alphabet, word)))
    if len(word) < SHORTEST_ID or len(kinds) == 1 or kinds[0] != "0123456789" or not word.isascii():
        return tuple(map(_alphabet, word))
    hexadecimal = "0123456789abcdef"
    return (hexadecimal if set(word) <= set(hexadecimal) else "".join(kinds),) * len(word)


def _written(number: int, shape: tuple[str, ...]) -> str:
    characters = []
    for alphabet in reversed(shape):
        number, at = divmod(number, len(alphabet))
        characters.append(alphabet[at])
    return "".join(reversed(characters))
