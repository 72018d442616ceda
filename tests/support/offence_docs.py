"""The parts of the documents that list the offences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from mockserver.faults.offences import catalogue
from mockserver.faults.offences.offence import Offence
from tests.support.tables import table


def offence_counts() -> str:
    """Returns the number of offences in the catalogue, by severity."""
    counts = Counter(offence.severity for offence in catalogue().values())
    return f"{counts.total()} offences: " + ", ".join(f"{number} {name}" for name, number in counts.items()) + "."


def offence_list() -> str:
    """Returns every offence that is of no product, then the dimensions of each product with an example."""
    whole = catalogue().values()
    rows = ((f"`{each.name}`", str(each.severity), each.sentence) for each in whole if not each.labels)
    families = {each.family: [other for other in whole if other.family == each.family] for each in whole if each.labels}
    products = ((str(len(some)), *_dimensions(some)) for some in families.values())
    singles = table(("offence", "severity", "what the answer does"), rows)
    return f"{singles}\n\n{table(('products', 'parts of the names, in this order', 'such as'), products)}"


def _dimensions(some: Sequence[Offence]) -> tuple[str, str]:
    """Returns the labels of each dimension, and the offence that has the most of them."""
    first = f"`{some[0].family}` · " if all(each.name.startswith(each.family) for each in some) else ""
    dimensions = (dict.fromkeys(filter(None, labels)) for labels in zip(*(each.labels for each in some), strict=True))
    optional = ["" in labels for labels in zip(*(each.labels for each in some), strict=True)]
    texts = [
        ", ".join(f"`{label}`" for label in labels) + (" or nothing" if is_optional else "")
        for labels, is_optional in zip(dimensions, optional, strict=True)
    ]
    example = max(some, key=lambda each: (sum(map(bool, each.labels)), each.name))
    return first + " · ".join(texts), f"`{example.name}`: {example.sentence}"
