"""What the logs of each flow of generated traffic hold; ``python -m tests.support.flows`` writes it for a reader.

A flow is played several times, since it draws what happens. Each of its events has a line, with an exclamation mark
where it went wrong, how often it comes in a visit, and the members of its payloads. Brackets hold the members of an
object or of the objects of a list; a question mark follows what is not there each time; a value that is the same each
time stands behind ``=``. Two numbers with a colon are a text that is new for each visit: where it begins and ends.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

from mockserver.contract.jsontext import encode
from mockserver.logs.traffic.flows import FLOWS
from mockserver.logs.traffic.people import People
from mockserver.logs.traffic.provider import generator
from mockserver.logs.traffic.users import SAML

FILE = Path(__file__).parent.parent / "logs" / "flows.txt"
NAMED = {f"{flow.play.__module__.rpartition('.')[2]}.{flow.play.__qualname__}": flow for flow in FLOWS}
PLAYED = 12
MARK = "\ue000"  # begins a fresh text of a template
# Every visit has them, and tests of their own look at them.
USUAL = ("key", "result", "ip", "userAgent", "userAgentParsed", "injectedHeaders")


def shown(values: list[Any]) -> str:
    """What the values of one member are, if they are objects or the same."""
    items = [item for value in values for item in (value if isinstance(value, list) else [value])]
    if objects := [item for item in items if isinstance(item, dict)]:
        return f"({members(objects)})"
    texts = {encode(value).decode() for value in values}
    return f"={texts.pop().replace(MARK, '')}" if len(texts) == 1 and len(values) > 2 else ""


def members(objects: list[dict[str, Any]]) -> str:
    """The members that these objects have, in their order."""
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for each in objects:
        for name, value in each.items():
            found[name].append(value)
    return ", ".join(f"{name}{'?' * (len(each) < len(objects))}{shown(each)}" for name, each in found.items())


def flows() -> str:
    """The text of the file."""
    lines = []
    for name, flow in NAMED.items():
        found: defaultdict[str, list[list[Any]]] = defaultdict(lambda: [[] for _ in range(PLAYED)])
        for seed in range(PLAYED):
            for _, log in People(generator(seed), users=1, applications=SAML + 1).visit(flow).logs:
                payload = {member: value for member, value in log["payload"].items() if member not in USUAL}
                found[log["key"] + "!" * (log["payload"]["result"] == "Error")][seed].append(payload)
        lines.append(f"{name}, of a {flow.who}, is {flow.goes}, weight {flow.weight}{', with SAML' * flow.saml}:")
        for event, played in found.items():
            times = sorted({len(payloads) for payloads in played})
            told = members([payload for payloads in played for payload in payloads])
            lines.append(f"  {event} ({' or '.join(map(str, times))} times): {told}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    FILE.write_text(flows(), "utf-8")
