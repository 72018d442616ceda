"""The documents for users, and their generated parts: ``python -m tests.support.docs`` writes them.

A part stands between ``<!-- NAME -->`` and ``<!-- /NAME -->`` in README.md or in a file of ``docs/``; a test compares
it with what is written here. The sizes in CONTRIBUTING.md change with each line of code, so nobody compares them.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import click
from click.testing import CliRunner

from mockserver import Settings, cli, create_app
from mockserver.cli import config
from mockserver.contract.document import Fact, contract
from mockserver.contract.jsontext import decode, encode_pretty
from mockserver.contract.published import DEV_TOKEN
from mockserver.edge.admin.actions import ROUTES
from mockserver.edge.admin.document import template
from mockserver.edge.server import Server
from mockserver.faults.presets import PRESETS
from mockserver.judge import answer as answers
from mockserver.judge import connection, credentials, findings, inventory, limits, session
from mockserver.judge.checks import CHECKS
from mockserver.judge.checks.check import CAPACITY
from mockserver.judge.checks.http import SLOW
from tests.benchmarks import judge, proxy, replicas, serving
from tests.benchmarks import sources as pages
from tests.benchmarks.figures import Figures, lines_table
from tests.benchmarks.goals import verdict
from tests.support import examples, public, sizes
from tests.support.bounds import BOUNDS, WAITING, bounds
from tests.support.client_errors import error_table, proxied_table
from tests.support.offence_docs import offence_counts, offence_list
from tests.support.records import fault_kinds, parameters, refusal_table, source_kinds
from tests.support.replicas import behind_nginx_table
from tests.support.tables import table

ROOT = Path(__file__).parent.parent.parent
SCHEMA = ROOT / "docs" / "mockserver.schema.json"
README = ROOT / "README.md"
CONTRIBUTING = ROOT / "CONTRIBUTING.md"
# What users read. A new file in docs/ is one of them by being there.
DOCUMENTS = {path.stem: path for path in (README, *sorted((ROOT / "docs").glob("*.md")))}

SHOWN_HEADERS = ("Content-Type", "Total-Number")
# The rows of the benchmark that stand in front: the mock, nginx with the same bytes, and the fastest peers that page.
FRONT = (
    "nginx, 16 connections",
    "mockserver, repeated, 16 connections",
    "mockserver, never repeated, 10^9 logs",
    "mockserver, repeated, a fault in ten",
    "json-server, pages and filters",
    "Mockoon, pages and filters",
)


def differences() -> str:
    """Returns what the document says and what was observed, and of which versions it holds; one row is one fact."""
    head, facts = ("fact", "documented", "observed", "holds for", "seen"), contract().facts.values()
    return table(head, ((f"`{f.name}`", f.documented, f.observed, _versions(f), ", ".join(f.seen)) for f in facts))


def _versions(fact: Fact) -> str:
    bounds = {"from": fact.since, "before": fact.before}
    return " and ".join(f"{word} {version}" for word, version in bounds.items() if version) or "all"


def answer() -> str:
    """Returns what README's first curl line prints on the first of November 2026, its body broken into short lines."""
    client = create_app(Settings(now="2026-11-01")).test_client()
    headers = {"Authorization": f"Bearer {DEV_TOKEN}"}
    reply = client.get("/api/logs?page_size=1", base_url="http://127.0.0.1:3001", headers=headers)
    lines = [f"HTTP/1.1 {reply.status}", *(f"{name}: {reply.headers[name]}" for name in SHOWN_HEADERS), "", ""]
    for piece in re.split(r'(?<=,)(?=")', reply.text):
        if len(lines[-1] + piece) > 110:
            lines.append("")
        lines[-1] += piece
    return "\n".join(["```text", *lines, "```"])


def finding() -> str:
    """Returns what ``mockserver check`` prints of one finding, without how often it came."""
    with Server(create_app(Settings(logs="seeded", faults=("violate:offence=page-ignored",)))) as server:
        options = ["--token", DEV_TOKEN, "--depth", "quick", "--only", "page-ignored"]
        printed = CliRunner().invoke(cli.group, ["check", server.url, *options]).output
    text = printed[printed.index("forbidden:") :].partition("\n\n")[0]
    return f"```text\n{re.sub(r' [(][0-9]+ times[)]', '', text).replace(str(server.port), '3001')}\n```"


def depths() -> str:
    """Returns how much the judge asks at each depth."""
    default = {"quick": "the default beyond this machine", "full": "the default on this machine", "fuzz": ""}
    rows = (
        (f"`{depth}`", f"{limits.REQUESTS[depth]:,}", f"{limits.SECONDS[depth]:g}", default[depth])
        for depth in limits.DEPTHS
    )
    return table(("depth", "most requests", "most seconds", ""), rows)


def judge_bounds() -> str:
    """Returns what the judge reads, keeps and tells of a target at most."""
    rows = {
        "bytes of one answer, packed or not": connection.LARGEST,
        "bytes of the head of an answer": connection.LONGEST_HEAD,
        "members of a gzip": connection.MEMBERS,
        "bytes that the values of one answer take once they are read": answers.HEAVIEST,
        "bytes of a token endpoint's answer": credentials.LARGEST_ANSWER,
        "bytes of all lists that are kept to compare with": session.MOST_KEPT,
        "logs that are remembered": CAPACITY,
        "bytes of the logs that are remembered": session.MOST_LEARNED,
        "logs of one page that are compared": session.LARGEST_PAGE,
        "logs of a page that others are compared with": inventory.REFERENCE_SIZES[0],
        "pages of those that full depth walks": inventory.WALK,
        "values of a filter that are tried": inventory.VALUES,
        "characters of a value that is tried": inventory.LONGEST_VALUE,
        "findings of one check": findings.MOST_FINDINGS,
        "bytes of a body that a finding shows": findings.LONGEST_BODY,
        "seconds of an answer without advice": SLOW,
    }
    return bounds(rows)


def checks() -> str:
    """Returns every check of the judge."""
    return table(
        ("check", "severity", "sentence"), ((f"`{c.name}`", str(c.severity), c.sentence) for c in CHECKS.values())
    )


def commands() -> str:
    """Returns every command with its options and their defaults."""
    parts = []
    for name in cli.COMMANDS:
        command = cli.group.get_command(click.Context(cli.group), name)
        assert command is not None
        sentence = (command.help or "").partition("\n")[0]
        options = [option for option in command.params if isinstance(option, click.Option)]
        rows = ((f"`{'`, `'.join(option.opts)}`", option.help or "", _default(option)) for option in options)
        parts.append(f"**`mockserver {name}`** {sentence}")
        if options:
            parts.append(table(("option", "meaning", "default"), rows))
    return "\n\n".join(parts)


def _default(option: click.Option) -> str:
    """Returns the default of an option as its help page shows it; parentheses mark a description."""
    _, record = option.get_help_record(click.Context(cli.group)) or ("", "")
    default = re.search(r"default: (\(.*\)|[^;\]]+)", record.removeprefix(option.help or ""))
    if default is None:
        return ""
    return default[1].strip("()") if default[1].startswith("(") else f"`{default[1]}`"


def schema() -> bytes:
    """Returns the JSON schema of mockserver.toml."""
    tables = {}
    for name, keys in config.tables().items():
        properties = {key: _property(option) for key, option in keys.items()}
        tables[name] = {"type": "object", "additionalProperties": False, "properties": properties}
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": config.FILE,
        "description": "Options of mockserver: a table for each command.",
    }
    return encode_pretty({**head, "type": "object", "additionalProperties": False, "properties": tables})


def _property(option: click.Option) -> dict[str, Any]:
    """Returns the schema of a key, with what editors show; a default that is no value is told in words."""
    words, default = option.show_default, option.get_default(click.Context(cli.group))
    described = f"{option.help} Default: {words}." if isinstance(words, str) else option.help
    is_value = isinstance(default, str | int | float) and default != "" and not isinstance(words, str)
    shown = {"default": default} if is_value else {}
    return {"description": described, **config.value_schema(option), **shown}


def routes() -> str:
    """Returns every route of the control API with the first sentence of its function."""
    rows = ((f"`{r.method} {template(r)[1:]}`", (inspect.getdoc(r.act) or "").partition("\n")[0]) for r in ROUTES)
    shown = ((name, re.sub("; raises .*", ".", sentence).replace("``", "`")) for name, sentence in rows)
    return table(("request", "does"), shown)


def presets() -> str:
    """Returns every preset of the console and its rules."""
    rows = (
        (preset.name, preset.sentence, "<br>".join(f"`{text}`" for text in preset.rules)) for preset in PRESETS.values()
    )
    return table(("preset", "what a client meets", "rules"), rows)


def speed() -> str:
    """Returns what the benchmark of serving measured in its last run, and which goals were met."""
    figures = Figures.read(_measured(serving))
    return f"Measured on {figures.machine}:\n\n{lines_table(figures.lines)}\n\n{verdict(figures)}"


def speed_in_front() -> str:
    """Returns the few rows that tell the most."""
    figures = Figures.read(_measured(serving))
    return lines_table({name: figures.lines[name] for name in FRONT})


def _measured(benchmark: ModuleType) -> Any:
    assert benchmark.__file__ is not None
    return decode(Path(benchmark.__file__).with_suffix(".json").read_bytes())


PARTS: dict[str, Callable[[], str]] = {
    "answer": answer,
    "sources": source_kinds,
    "pages": lambda: pages.report(_measured(pages)),
    "faults": fault_kinds,
    "parameters": parameters,
    "refusals": refusal_table,
    "offences": offence_counts,
    "offence-list": offence_list,
    "raised": error_table,
    "proxied": proxied_table,
    "presets": presets,
    "routes": routes,
    "bounds": lambda: bounds(BOUNDS),
    "waiting": lambda: bounds(WAITING),
    "finding": finding,
    "depths": depths,
    "judge-bounds": judge_bounds,
    "checks": checks,
    "judge": lambda: judge.report(_measured(judge)),
    "differences": differences,
    "speed-in-front": speed_in_front,
    "speed": speed,
    "behind-nginx": behind_nginx_table,
    "proxy-costs": lambda: proxy.report(_measured(proxy)),
    "balancer": lambda: replicas.report(_measured(replicas)),
    "replicas": lambda: replicas.reckoning(_measured(replicas)),
    "commands": commands,
    "python-options": lambda: table(("option", "meaning"), public.options()),
    "python-names": lambda: table(("name", "what it is"), public.reference()),
    "examples": examples.index,
}


PARTS_OF_CONTRIBUTING = {"sizes": sizes.report}


def generated(text: str, parts: Mapping[str, Callable[[], str]] = PARTS) -> str:
    """Returns the text with every marked part generated again from its registry."""

    def part(match: re.Match[str]) -> str:
        name = match[1]
        return f"<!-- {name} -->\n{parts[name]()}\n<!-- /{name} -->"

    return re.sub(r"<!-- ([\w-]+) -->\n.*?<!-- /\1 -->", part, text, flags=re.DOTALL)


if __name__ == "__main__":
    CONTRIBUTING.write_text(generated(CONTRIBUTING.read_text(), PARTS_OF_CONTRIBUTING))
    SCHEMA.write_bytes(schema())
    for document in DOCUMENTS.values():
        document.write_text(generated(document.read_text()))
