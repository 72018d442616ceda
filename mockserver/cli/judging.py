"""What ``mockserver check`` does: one run of the judge by its options. It needs the extra ``check``."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import click

from mockserver.cli.deployment import deployment
from mockserver.cli.progress import steps
from mockserver.contract.errors import MockserverError
from mockserver.judge.checks import CHECKS, find_check
from mockserver.judge.findings import accept
from mockserver.judge.known import known_deviations
from mockserver.judge.limits import WallClock, limits
from mockserver.judge.probe import PLAIN
from mockserver.judge.report import commands, folder, summary, text, write
from mockserver.judge.report.record import record
from mockserver.judge.route import Address
from mockserver.judge.run import Judge, RunOptions
from mockserver.judge.secrets import Secrets
from mockserver.judge.target import wait
from mockserver.judge.verdict import Verdict


def judged(target: str, options: dict[str, Any]) -> Verdict:
    """The verdict on a target, after it was printed and reported; ``options`` are those of the command by name."""
    case = _case(target, options)
    if options["report"]:
        folder(options["report"])
    secrets = Secrets(public=PLAIN.curl(case.address.url))
    addresses = [case.address, *([case.client.token_address] if case.client else [])]
    _hide_what_was_typed(secrets, options, addresses)
    with steps(case.limits.requests) as step, _home(options["depth"]):
        wait(addresses, options["wait"], WallClock())
        verdict = Judge(case, secrets, step=step).run()
    _print(record(verdict, secrets, bodies=options["keep_bodies"]), options)
    if file := options["accept"]:
        click.echo(f"{accept(file, verdict.findings, secrets.clean)} accepted, as {file} says from now on")
    return verdict


def _home(depth: str | None) -> AbstractContextManager[None]:
    """Keeps what Hypothesis writes out of the working directory; other depths do not import it."""
    from mockserver.logs.edges import cache_as_home

    return cache_as_home() if depth == "fuzz" else nullcontext()


def _case(target: str, options: dict[str, Any]) -> RunOptions:
    where, client = deployment(target, options)
    limit = limits(options["depth"], where.loopback, options["max_requests"], options["max_seconds"], options["rate"])
    files = {file for name in ("known", "accept") if (file := options[name]) and (name == "known" or file.exists())}
    return RunOptions(
        where,
        limit,
        token=options["token"],
        client=client,
        forbidden_token=options["forbidden_token"],
        deviations=known_deviations(options["profile"], *files),
        profile=options["profile"],
        selected=_selected(options["only"], options["skip"]),
        strict=where.loopback if options["strict"] is None else options["strict"],
        unsafe=_unsafe(where, options["unsafe"]),
        seed=options["seed"],
    )


def _selected(only: tuple[str, ...], skip: tuple[str, ...]) -> frozenset[str]:
    chosen = {find_check(name).name for name in only} or set(CHECKS)
    return frozenset(chosen - {find_check(name).name for name in skip})


def _unsafe(target: Address, given: int) -> bool:
    if given == 1 and not target.loopback:
        raise MockserverError(
            "unsafe", f"--unsafe once, for {target.host}", "it twice", "POST, PUT, PATCH and DELETE will be sent there"
        )
    return given > 0


def _hide_what_was_typed(secrets: Secrets, options: dict[str, Any], addresses: list[Address]) -> None:
    for name in ("token", "forbidden_token", "client_secret"):
        if options[name]:
            secrets.add_credential(options[name], f"MOCKSERVER_{name.upper()}")
    for proxy in filter(None, (each.route.through(each) for each in addresses)):
        secrets.add_credential(proxy.account.partition(":")[2], "PROXY_PASSWORD")


def _print(report: dict[str, Any], options: dict[str, Any]) -> None:
    # Printing comes first, since it cannot fail: an unwritable folder must not cost the verdict of a long run.
    click.echo(text(report), nl=False)
    if options["report"]:
        write(report, options["report"])
    if options["github"]:
        click.echo(commands(report), nl=False)
        if "GITHUB_STEP_SUMMARY" in os.environ:
            with Path(os.environ["GITHUB_STEP_SUMMARY"]).open("a", encoding="utf-8") as file:
                file.write(summary(report))
