"""User agents: the strings that clients send, and what the deployment's parser makes of them.

Strings and parses are data, in ``agents.jsonl``. ``tests/support/user_agents.py`` writes that file, and a test derives
each parse anew with ua-parser, so that the package itself needs no parser.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from mockserver.contract.jsontext import decode

FILE = Path(__file__).with_name("agents.jsonl")


@dataclass(frozen=True, slots=True)
class Agent:
    """One user agent: its string, ``userAgentParsed`` of it, and how often clients send it (a weight from 1)."""

    kind: Literal["desktop", "phone", "bot", "sdk"]
    weight: int
    text: str
    parsed: dict[str, Any]


@cache
def agents(*kinds: str) -> tuple[Agent, ...]:
    """Return the agents of these kinds, in the order of the file; all of them when no kind is given."""
    every = (Agent(**decode(line)) for line in FILE.read_bytes().splitlines())
    return tuple(agent for agent in every if not kinds or agent.kind in kinds)
