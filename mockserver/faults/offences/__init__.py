"""Offences: the catalogue of ways to break the contract. One file a family; the table below is the list of them.

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
    """Every offence by its name, family by family; raises MockserverError where two share a name."""
    found: dict[str, Offence] = {}
    for family in FAMILIES:
        for each in family.offences():
            if each.name in found:
                raise MockserverError(family.__name__, f"a second offence {each.name!r}", "names that are unique")
            found[each.name] = each
    return MappingProxyType(found)


def find_offence(name: str) -> Offence:
    """The offence of that name; raises MockserverError that names the nearest."""
    try:
        return catalogue()[name]
    except KeyError:
        raise unknown("offence", name, catalogue(), listed_by="mockserver offences") from None
