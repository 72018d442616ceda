"""Servers that were written from `openapi.yaml` alone, and the score of the judge against them.

Whoever writes one here reads the document, not the offences and not the probes. So the score says what the judge sees
of servers that its authors did not think of. `python -m tests.strangers` prints it.
"""

from tests.strangers import access, forbidden, honest, honest_logs, reported, senseless, wire
from tests.strangers.base import STRANGERS, Base, served

__all__ = [
    "STRANGERS", "Base", "access", "forbidden", "honest", "honest_logs", "reported", "senseless", "served", "wire",
]  # fmt: skip
