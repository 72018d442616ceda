"""User agents: the table holds what the parser says, and what a real deployment wrote."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from mockserver.contract.jsontext import decode
from mockserver.logs.traffic.agents import FILE, agents
from tests.support.user_agents import derive, rows

RECORDED = Path(__file__).parent.parent.parent / "fixtures" / "recorded.jsonl"


def test_every_parse_in_the_table_is_the_parsers() -> None:
    """After an upgrade of ua-parser or fake-useragent: ``python -m tests.support.user_agents``."""
    assert [decode(line) for line in FILE.read_bytes().splitlines()] == rows()


def test_browsers_and_phones_have_strings_that_real_clients_sent() -> None:
    data = resources.files("fake_useragent").joinpath("data", "browsers.jsonl").read_bytes()
    seen = {decode(line)["useragent"] for line in data.splitlines()}
    assert {agent.text for agent in agents() if agent.kind in ("desktop", "phone")} <= seen
    assert {agent.kind for agent in agents()} == {"desktop", "phone", "bot", "sdk"}


def _recorded() -> dict[str, object]:
    """The parses that a real deployment wrote itself (its logs are of November 2026) by their strings."""
    logs = map(decode, RECORDED.read_bytes().splitlines())
    found = [log["payload"].get("userAgentParsed") for log in logs if log["createdAt"] > 1_790_000_000_000]
    return {each["ua"]: each for each in found if each}


@pytest.mark.parametrize("text", _recorded())
def test_a_string_is_parsed_as_a_real_deployment_parsed_it(text: str) -> None:
    assert derive(text) == _recorded()[text]


def test_a_parse_has_its_five_parts_in_documented_order() -> None:
    assert {tuple(agent.parsed) for agent in agents()} == {("ua", "browser", "device", "engine", "os", "cpu")}


def test_a_processor_that_no_agent_of_the_table_has_is_derived_too() -> None:
    text = "Mozilla/5.0 (X11; Linux aarch64; rv:120.0) Gecko/20100101 Firefox/120.0"
    assert derive(text)["cpu"] == {"architecture": "arm64"}


def test_agents_are_selected_by_kind() -> None:
    assert {agent.kind for agent in agents("bot", "sdk")} == {"bot", "sdk"}
    assert len(agents("bot", "sdk")) + len(agents("desktop", "phone")) == len(agents())


def test_each_agent_has_its_own_parse_and_a_weight() -> None:
    for agent in agents():
        assert agent.parsed["ua"] == agent.text
        assert agent.weight >= 1
