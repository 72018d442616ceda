"""Values that probes send: what is sent, and how a curl line says it without telling what must not be told."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Variable:
    """Where a value that no report may tell was seen: the shell ``variable`` that stands for it, and how to fill it.

    ``query`` is that of the request whose answer holds it, ``steps`` lead to it within the parsed answer; without steps
    the user has filled the variable before.
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

    @property
    def shown(self) -> str:
        """The text, or the shell expression in its place."""
        return self.shell if self.source else self.text

    def quoted(self, prefix: str = "") -> str:
        """``prefix`` and the value as one word of a shell command."""
        return f'"{prefix}{self.shell}"' if self.source else shlex.quote(prefix + self.text)


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A change that makes another value of a value: done by ``change`` here and by ``shell`` in a curl line."""

    name: str
    change: Callable[[str], str]
    shell: str

    def of(self, value: Value) -> Value:
        """The changed value, as discreet as the one it is made of."""
        if value.source is None:
            return Value(self.change(value.text))
        return Value(self.change(value.text), value.source, self.shell.replace("V", value.source.variable))


def _swap(text: str) -> str:
    return "".join(c.swapcase() if c.isascii() else c for c in text)


# Ordered by what they have been seen to find; V stands for the variable. The shell forms are POSIX.
NEAR_MISSES = (
    NearMiss("the first half", lambda v: v[: len(v) // 2], '$(printf %s "$V" | cut -c 1-$((${#V} / 2)))'),
    NearMiss("another case", _swap, '$(printf %s "$V" | tr a-zA-Z A-Za-z)'),
    NearMiss("any characters after", lambda v: v[:2] + "%", '$(printf %s "$V" | cut -c 1-2)%'),
    NearMiss("a blank after", lambda v: v + " ", "${V} "),
    NearMiss("without its last character", lambda v: v[:-1], "${V%?}"),
    NearMiss("without its first character", lambda v: v[1:], "${V#?}"),
    NearMiss("a character more", lambda v: v + "x", "${V}x"),
    NearMiss("a character before", lambda v: "x" + v, "x${V}"),
    NearMiss("a blank before", lambda v: " " + v, " ${V}"),
    NearMiss("any one character", lambda v: v[:-1] + "_", "${V%?}_"),
    NearMiss("any characters before", lambda v: "%" + v[1:], "%${V#?}"),
    NearMiss("a star after", lambda v: v[:2] + "*", '$(printf %s "$V" | cut -c 1-2)*'),
    NearMiss("a regular expression", lambda v: v[:1] + ".*", '$(printf %s "$V" | cut -c 1).*'),
    NearMiss("a comma after", lambda v: v + ",", "${V},"),
    NearMiss("another value with a comma", lambda v: v + ",x", "${V},x"),
    NearMiss(
        "the last character changed",
        lambda v: v[:-1] + ("y" if v[-1:] == "z" else "z"),
        '${V%?}$(case "$V" in *z) echo y;; *) echo z;; esac)',
    ),
)
