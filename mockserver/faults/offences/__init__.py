"""Offences: the catalogue of ways to break the contract. One file a family; the table below lists them.

Most are derived from the contract, so that a property, a bound or a filter added to the document brings its offences.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from mockserver.contract.errors import MockserverError, unknown
from mockserver.faults.offences import access, body, filters, headers, identity, paging, rare, refusals, shape
from mockserver.faults.offences.offence import Offence

FAMILIES = (shape, rare, body, paging, filters, refusals, access, headers, identity)


@cache
def catalogue() -> Mapping[str, Offence]:
    """Every offence by its name, family by family; raises MockserverError when two share a name."""
    offences: dict[str, Offence] = {}
    for family in FAMILIES:
        for offence in family.offences():
            if offence.name in offences:
                raise MockserverError(family.__name__, f"a second offence {offence.name!r}", "names that are unique")
            offences[offence.name] = offence
    return MappingProxyType(offences)


def find_offence(name: str) -> Offence:
    """The offence of that name; raises MockserverError that names the nearest."""
    try:
        return catalogue()[name]
    except KeyError:
        raise unknown("offence", name, catalogue(), listed_by="mockserver offences") from None
