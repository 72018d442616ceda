"""Probes: one request to a target as a value, the values it sends, and the curl line that repeats it."""

from __future__ import annotations

import re
import shlex
import string
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal
from urllib.parse import parse_qsl, quote

from mockserver.contract.document import LIST_PATH


@dataclass(frozen=True, slots=True)
class Variable:
    """A shell variable that stands for a value which no report may show, and where a shell finds that value.

    ``query`` is that of a request whose answer holds the value; ``steps`` lead to it within the parsed answer. Without
    steps, the user has set the variable.
    """

    variable: str
    query: str
    steps: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Value:
    """A text to send. With a ``source`` it is personal: reports show ``shell``, an expression over its variable."""

    text: str
    source: Variable | None = None
    shell: str = ""

    def quoted(self, prefix: str = "") -> str:
        """``prefix`` and the value as one word of a shell command."""
        return f'"{prefix}{self.shell}"' if self.source else shlex.quote(prefix + self.text)


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A change of a value: ``change`` makes it here, ``shell`` makes it in a curl line, where V is the variable."""

    name: str
    change: Callable[[str], str]
    shell: str

    def of(self, value: Value) -> Value:
        """The changed value, personal if the given one is."""
        if value.source is None:
            return Value(self.change(value.text))
        return Value(self.change(value.text), value.source, self.shell.replace("V", value.source.variable))


def _swap(text: str) -> str:
    return "".join(c.swapcase() if c.isascii() else c for c in text)


ANOTHER_CASE = NearMiss("in another case", _swap, '$(printf %s "$V" | tr a-zA-Z A-Za-z)')
# Those that found most come first. The shell expressions are POSIX.
NEAR_MISSES = (
    NearMiss("a condition that always holds", lambda v: v + "' OR '1'='1", "${V}' OR '1'='1"),
    NearMiss("the first half", lambda v: v[: len(v) // 2], '$(printf %s "$V" | cut -c 1-$((${#V} / 2)))'),
    ANOTHER_CASE,
    NearMiss("any characters after", lambda v: v[:2] + "%", '$(printf %s "$V" | cut -c 1-2)%'),
    NearMiss("a blank after", lambda v: v + " ", "${V} "),
    NearMiss("a star after", lambda v: v[:2] + "*", '$(printf %s "$V" | cut -c 1-2)*'),
    NearMiss("another value with a comma", lambda v: v + ",x", "${V},x"),
    NearMiss("an accent after", lambda v: v + "\u0301", "${V}\u0301"),
    NearMiss(
        "percent-encoded twice",
        lambda v: f"%{ord(v[0]):02X}{v[1:]}" if v[:1].isascii() and v else v,
        '$(printf "%%%02X" "\'$(printf %s "$V" | cut -c 1)")${V#?}',
    ),
    NearMiss("a blank before", lambda v: " " + v, " ${V}"),
    NearMiss("without its last character", lambda v: v[:-1], "${V%?}"),
    NearMiss("without its first character", lambda v: v[1:], "${V#?}"),
    NearMiss("a character more", lambda v: v + "x", "${V}x"),
    NearMiss("a character before", lambda v: "x" + v, "x${V}"),
    NearMiss("any one character", lambda v: v[:-1] + "_", "${V%?}_"),
    NearMiss("any characters before", lambda v: "%" + v[1:], "%${V#?}"),
    NearMiss("a regular expression", lambda v: v[:1] + ".*", '$(printf %s "$V" | cut -c 1).*'),
    NearMiss("without its marks", lambda v: re.sub("[-_.]", "", v), "$(printf %s \"$V\" | tr -d '_.-')"),
    NearMiss("a comma after", lambda v: v + ",", "${V},"),
    NearMiss(
        "the last character changed",
        lambda v: v[:-1] + ("y" if v[-1:] == "z" else "z"),
        '${V%?}$(case "$V" in *z) echo y;; *) echo z;; esac)',
    ),
)


# For values that look like numbers.
NUMERIC = (
    NearMiss("a zero before", lambda v: "0" + v, "0${V}"),
    NearMiss("a fraction after", lambda v: v + ".0", "${V}.0"),
)

Bearer = Literal["token", "forbidden", "none", "misplaced", "unknown"]
Pair = tuple[str, Value]

# A curl line names each credential by the environment variable that the command reads it from.
VARIABLES: dict[Bearer, str] = {"token": "$MOCKSERVER_TOKEN", "forbidden": "$MOCKSERVER_FORBIDDEN_TOKEN"}


@dataclass(frozen=True, slots=True)
class Probe:
    """One request: ``pairs`` are its query in order, or ``raw`` is the query as sent (percent-encoded already).

    ``bearer`` says which token goes into Authorization; it is ``unknown`` in a request of somebody else that was
    refused, and ``misplaced`` in a request that shows a valid token where none belongs. ``headers`` are the other
    headers. ``item`` asks for the log with this id instead of the list; ``path`` is the operation's path, or a
    spelling that a router may take for it.
    """

    pairs: tuple[Pair, ...] = ()
    method: str = "GET"
    headers: tuple[Pair, ...] = ()
    bearer: Bearer = "token"
    raw: str | None = None
    item: str = ""
    path: str = LIST_PATH
    body: bytes | None = field(default=None, repr=False)

    def on(self, address: str) -> str:
        """The request target, or the URL, where the operation has this path or URL."""
        item = f"/{quote(self.item, safe='')}" * bool(self.item)
        return address.removesuffix(LIST_PATH) + self.path + item + f"?{self.query}" * bool(self.query)

    @property
    def query(self) -> str:
        """The query as sent, without a question mark; empty when there is none."""
        if self.raw is not None:
            # Only characters that no request line can hold are encoded.
            return quote(self.raw, safe=string.punctuation)
        return "&".join(f"{quote(name, safe='')}={quote(value.text, safe='')}" for name, value in self.pairs)

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """The decoded names and values of the query, in order, as a server reads a form."""
        if self.raw is None:
            return [(name, value.text) for name, value in self.pairs]
        return list(_form(self.raw))

    @property
    def size(self) -> tuple[int, int]:
        """How much there is to read; the smaller of two probes shows a finding better."""
        return len(self.pairs) + len(self.headers), len(self.query)

    def but(self, **values: str | int | Value) -> Probe:
        """The same probe with these parameters added."""
        more = tuple((name, v if isinstance(v, Value) else Value(str(v))) for name, v in values.items())
        return replace(self, pairs=self.pairs + more)

    def under(self, **headers: str) -> Probe:
        """The same probe with these headers added; an underscore in a name stands for a hyphen."""
        more = tuple((name.replace("_", "-"), Value(value)) for name, value in headers.items())
        return replace(self, headers=self.headers + more)

    def curl(self, url: str) -> str:
        """A shell command that repeats the request to ``url``. Credentials and personal values are variables in it."""
        sources = [value.source for _, value in self.pairs + self.headers if value.source and value.source.steps]
        how = {"GET": "-i", "HEAD": "-I"}.get(self.method, f"-i -X {self.method}")
        body = [f"--data-binary {shlex.quote(self.body.decode())}"] if self.body else []
        own = [f'-H "Authorization: Bearer {VARIABLES[self.bearer]}"'] if self.bearer in VARIABLES else []
        # curl leaves out a header without a value, unless a semicolon replaces the colon.
        headers = [f"-H {value.quoted(name + (': ' if value.text else ';'))}" for name, value in self.headers]
        hidden = [f"--data-urlencode {value.quoted(name + '=')}" for name, value in self.pairs if value.source]
        form = ["-G", *hidden] if hidden else []
        plain = replace(self, pairs=tuple(pair for pair in self.pairs if not pair[1].source))
        command = " ".join(["curl -gsS", how, *body, *own, *headers, *form, shlex.quote(plain.on(url))])
        return " && ".join([*(_fill(url, source) for source in dict.fromkeys(sources)), command])


# Several checks read the same query.
@lru_cache(maxsize=16)
def _form(query: str) -> tuple[tuple[str, str], ...]:
    return tuple(parse_qsl(query, keep_blank_values=True, errors="replace"))


def _fill(url: str, source: Variable) -> str:
    """The command that fills a source's variable."""
    path = "".join(f"[{step!r}]".replace("'", '"') for step in source.steps)
    target = shlex.quote(f"{url}?{source.query}" if source.query else url)
    code = f"import json, sys; print(json.load(sys.stdin){path})"
    bearer = f'-H "Authorization: Bearer {VARIABLES["token"]}"'
    return f"{source.variable}=\"$(curl -gsS {bearer} {target} | python3 -c '{code}')\""


PLAIN = Probe()
# The probe with these parameters.
asking = PLAIN.but
