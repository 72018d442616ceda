"""Faults as a test arms and counts them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mockserver.faults.plan import ArmedRule
from mockserver.faults.rule import read_rule

if TYPE_CHECKING:
    from mockserver.testing.worlds import World


class ArmedFault:
    """A fault that waits for requests. Its counts go on while the test runs."""

    def __init__(self, world: World, armed: ArmedRule) -> None:
        self._world = world
        self._armed = armed

    def __repr__(self) -> str:
        return f"ArmedFault({self.text!r}, fired={self.fired}, matched={self.matched})"

    @property
    def text(self) -> str:
        """The rule as it is written, such as ``status:code=503,times=2``."""
        return self._armed.rule.text

    @property
    def fired(self) -> int:
        """How many requests it has struck."""
        return self._armed.tally.fired

    @property
    def matched(self) -> int:
        """How many requests met its conditions on page, page_size and filters, struck or not."""
        return self._armed.tally.matched

    def remove(self) -> None:
        """Disarm it; raises MockserverError where it no longer is armed."""
        self._world.inside("faults", lambda tenant: tenant.armed.disarm(self._armed.id))


class Faults:
    """The armed faults of one test, in the order in which they are asked; iterating gives each."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __repr__(self) -> str:
        return f"Faults({[each.text for each in self]!r})"

    def add(self, rule: str) -> ArmedFault:
        """Arm the fault of a rule text, ``KIND[:name=value,...]``, behind the others.

        Raises MockserverError that lists the known kinds, parameters or values; then nothing is armed.
        """
        read = read_rule(rule)
        return ArmedFault(self._world, self._world.inside("faults", lambda tenant: tenant.armed.arm(read)))

    def clear(self) -> None:
        """Disarm every one, those of the mark too."""
        self._world.inside("faults", lambda tenant: tenant.armed.clear())

    def __iter__(self) -> Iterator[ArmedFault]:
        armed = self._world.inside("faults", lambda tenant: tuple(tenant.armed.rules))
        return (ArmedFault(self._world, each) for each in armed)

    def __len__(self) -> int:
        return self._world.inside("faults", lambda tenant: len(tenant.armed.rules))
