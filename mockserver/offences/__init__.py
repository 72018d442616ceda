"""Offences."""
from typing import Any
def offence(n: str) -> Any:
    """X."""
