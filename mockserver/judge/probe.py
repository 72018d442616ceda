"""Probes: one request to a target as a value, and the curl line that repeats it."""

from __future__ import annotations

import shlex
import string
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import parse_qsl, quote

from mockserver.judge.value import Value, Variable

Bearer = Literal["token", "forbidden", "none"]
Pair = tuple[str, Value]
ProbeHeaders = tuple[tuple[str, Value], ...]

# What stands for each credential in a curl line: the environment variables that the command reads them from.
VARIABLES: dict[Bearer, str] = {"token": "$MOCKSERVER_TOKEN", "forbidden": "$MOCKSERVER_FORBIDDEN_TOKEN"}


@dataclass(frozen=True, slots=True)
class Probe:
    """One request: ``pairs`` are its query in order, or ``raw`` is the query as it stands (percent-encoded already).

    ``bearer`` says whose token goes into Authorization; ``headers`` go beside it. ``item``: the one log with this
    id, not the list.
    """

    pairs: tuple[Pair, ...] = ()
    method: str = "GET"
    headers: ProbeHeaders = ()
    bearer: Bearer = "token"
    raw: str | None = None
    item: str = ""
    body: bytes | None = field(default=None, repr=False)

    @property
    def below(self) -> str:
        """What the request target has after the operation's path."""
        return f"/{quote(self.item, safe='')}" * bool(self.item) + f"?{self.query}" * bool(self.query)

    @property
    def query(self) -> str:
        """The query as sent, without a question mark; empty when there is none."""
        if self.raw is not None:
            # What no request line can hold is encoded, all else sent as it stands.
            return quote(self.raw, safe=string.punctuation)
        return "&".join(f"{quote(name, safe='')}={quote(value.text, safe='')}" for name, value in self.pairs)

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """The decoded names and values of the query, in order, as a server reads a form."""
        if self.raw is None:
            return [(name, value.text) for name, value in self.pairs]
        return parse_qsl(self.raw, keep_blank_values=True, errors="replace")

    @property
    def size(self) -> tuple[int, int]:
        """How much there is to read: the smaller of two probes shows a finding better."""
        return len(self.pairs) + len(self.headers), len(self.query)

    def but(self, **values: str | int | Value) -> Probe:
        """The same probe with these parameters besides."""
        more = tuple((name, v if isinstance(v, Value) else Value(str(v))) for name, v in values.items())
        return replace(self, pairs=self.pairs + more)

    def under(self, **headers: str) -> Probe:
        """The same probe with these headers besides; an underscore in a name stands for a hyphen."""
        more = tuple((name.replace("_", "-"), Value(value)) for name, value in headers.items())
        return replace(self, headers=self.headers + more)

    def curl(self, url: str) -> str:
        """A shell command that repeats the request to ``url``; credentials and personal values stand as variables."""
        fills = [_fill(url, source) for source in self._sources()]
        return " && ".join([*fills, " ".join([*self._command(), *self._credentials(), *self._url(url)])])

    def _sources(self) -> list[Variable]:
        sources = [value.source for _, value in self.pairs + self.headers if value.source and value.source.steps]
        return list(dict.fromkeys(sources))

    def _command(self) -> list[str]:
        how = {"GET": ["-i"], "HEAD": ["-I"]}.get(self.method, ["-i", "-X", self.method])
        return ["curl", "-gsS", *how, *(["--data-binary", shlex.quote(self.body.decode())] if self.body else [])]

    def _credentials(self) -> list[str]:
        own = [f'-H "Authorization: Bearer {VARIABLES[self.bearer]}"'] if self.bearer in VARIABLES else []
        # curl leaves out a header without a value, unless a semicolon stands in place of the colon.
        return own + [f"-H {value.quoted(name + (': ' if value.text else ';'))}" for name, value in self.headers]

    def _url(self, url: str) -> list[str]:
        plain = tuple(pair for pair in self.pairs if not pair[1].source)
        hidden = [f"--data-urlencode {value.quoted(name + '=')}" for name, value in self.pairs if value.source]
        address = shlex.quote(url + replace(self, pairs=plain).below)
        return [*(["-G"] if hidden else []), *hidden, address]


def _fill(url: str, source: Variable) -> str:
    """The command that fills a source's variable."""
    path = "".join(f"[{step!r}]".replace("'", '"') for step in source.steps)
    asked = shlex.quote(f"{url}?{source.query}" if source.query else url)
    code = f"import json, sys; print(json.load(sys.stdin){path})"
    bearer = f'-H "Authorization: Bearer {VARIABLES["token"]}"'
    return f"{source.variable}=\"$(curl -gsS {bearer} {asked} | python3 -c '{code}')\""


PLAIN = Probe()


def asking(**values: str | int | Value) -> Probe:
    """The probe of these parameters."""
    return PLAIN.but(**values)
