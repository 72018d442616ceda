"""Offences: the catalogue of ways to break the contract. One file a family; the table below lists them.

Most are derived from the contract, so that a property, a bound or a filter added to the document brings its offences.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from mockserver.contract.errors import lookup
from mockserver.faults.offences import access, body, filters, headers, identity, paging, rare, refusals, shape
from mockserver.faults.offences.offence import Offence

FAMILIES = (shape, rare, body, paging, filters, refusals, access, headers, identity)


@cache
def catalogue() -> Mapping[str, Offence]:
    """Every offence by its name, family by family; a test sees that no two share a name."""
    return MappingProxyType({offence.name: offence for family in FAMILIES for offence in family.offences()})


def find_offence(name: str) -> Offence:
    """The offence of that name; raises MockserverError that names the nearest."""
    return lookup("offence", name, catalogue(), listed_by="mockserver offences")
