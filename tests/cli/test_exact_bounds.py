"""Exact bounds and words of the commands: what an option takes, how much is written at once, how long one waits."""

from __future__ import annotations

import io
import sys
import urllib.request
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, get_args

import click
import pytest
from click.testing import CliRunner

from mockserver.cli import COMMANDS, completion, generate, group, health, progress, serve
from mockserver.cli.generate import framed, is_file, opened
from mockserver.edge.terminal import coloured_line, json_line, text_line
from mockserver.faults.kinds import KINDS
from mockserver.faults.offences import catalogue
from mockserver.judge.checks import CHECKS
from mockserver.logs.source import SOURCES
from mockserver.mock import tokens
from tests.cli.conftest import Run
from tests.cli.test_progress import Terminal, screen
from tests.conftest import FIXTURES
from tests.support.deployment import Deployment

# What the help page calls the value of each option; that of a choice is the choice.
WORDS = {
    "--config": "FILE", "--host": "TEXT", "--base-url": "URL", "--fault": "RULE", "--admin-token": "T",
    "--tls-cert": "PEM", "--tls-key": "PEM", "--logs": "SOURCE", "--now": "MOMENT", "--growth": "LOGS_PER_SECOND",
    "--upstream": "URL", "--proxy": "URL", "--ca-file": "PEM", "--client-cert": "PEM", "--report": "DIR",
    "--output": "FILE", "--count": "N", "--since": "MOMENT", "--user-id": "TEXT", "--application-id": "TEXT",
    "--log-key": "TEXT", "--shift": "SECONDS", "--key": "SECRET", "--token": "T", "--client-id": "ID",
    "--client-secret": "S", "--token-url": "URL", "--resource": "URI", "--rate": "N", "--scope": "TEXT",
    "--issuer": "TEXT", "--expires-in": "SECONDS", "--claim": "NAME=JSON", "--drop": "NAME", "--header": "NAME=JSON",
    "--forbidden-token": "T", "--known": "FILE", "--accept": "FILE", "--max-requests": "N", "--max-seconds": "N",
    "--wait": "SECONDS", "--seed": "INTEGER", "--port": "INTEGER RANGE",
}  # fmt: skip
OF_A_COMMAND = {
    ("check", "--only"): "NAME", ("check", "--skip"): "NAME", ("generate", "--skip"): "LOGS",
    ("self-test", "--only"): "OFFENCE", ("serve", "--log"): "[text|json|off]", ("proxy", "--log"): "[text|json|off]",
    ("generate", "--format"): "[jsonl|json]", ("check", "--depth"): "[quick|full|fuzz]",
    ("self-test", "--depth"): "[quick|full]", ("serve", "--auth"): "[tokens|any|off]",
    ("serve", "--link-base"): "[api|observed]", ("token", "--sign"): "[es384|hs256|none|other-key]",
    ("token", "--tamper"): "[signature|payload]",
    **{(name, "--profile"): "[documented|observed|observed-1.42]" for name in ("serve", "proxy", "check")},
}  # fmt: skip
ARGUMENTS = {
    "proxy": "UPSTREAM", "record": "TARGET|FILE.har", "generate": "SOURCE", "validate": "FILE...", "check": "TARGET",
    "health": "[URL]",
}  # fmt: skip


def commands() -> Iterator[tuple[str, click.Command]]:
    for name in COMMANDS:
        found = group.get_command(click.Context(group), name)
        assert found is not None
        yield name, found


def test_the_help_page_calls_the_value_of_each_option_so() -> None:
    for name, command in commands():
        for option in command.params:
            context = click.Context(group)
            if isinstance(option, click.Option) and not option.is_flag and not option.count:
                record = option.get_help_record(context) or ("", "")
                long = option.opts[-1]
                word = OF_A_COMMAND.get((name, long)) or WORDS[long]
                assert record[0].rpartition(long)[2].strip() == word, f"{name} {long}"
            elif isinstance(option, click.Argument):
                assert option.make_metavar(context) == ARGUMENTS[name]


@pytest.mark.parametrize(
    ("completer", "sentences"),
    [
        (completion.checks, {name: check.sentence for name, check in CHECKS.items()}),
        (completion.offences, {name: offence.sentence for name, offence in catalogue().items()}),
        (completion.faults, {name: str(kind.__doc__).splitlines()[0] for name, kind in KINDS.items()}),
        (completion.sources, dict.fromkeys(SOURCES)),
    ],
    ids=["checks", "offences", "faults", "sources"],
)
def test_a_shell_shows_the_first_sentence_of_each_name(completer: Any, sentences: dict[str, str | None]) -> None:
    offered = completer(None, None, "")
    assert {item.value: item.help for item in offered if item.type == "plain"} == sentences


@pytest.mark.parametrize(("count", "batches"), [(0, []), (1, [1]), (200, [200]), (201, [200, 1]), (400, [200, 200])])
def test_two_hundred_logs_are_written_at_once(count: int, batches: list[int]) -> None:
    *pieces, end = framed((b"log" for _ in range(count)), "jsonl")
    assert [piece.count(b"log") for piece in pieces] == batches
    assert end == (b"\n" if count else b"")


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="no /dev/stdout here")
def test_only_a_file_appears_when_it_is_complete(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("")
    assert [is_file(str(tmp_path / name)) for name in ("there", "new")] == [True, True]
    assert [is_file(name) for name in ("-", "/dev/stdout", "/dev/fd/1", str(tmp_path))] == [False] * 4


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.skipif(sys.platform != "linux", reason="other systems follow another number of links")
@pytest.mark.parametrize(("links", "is_written"), [(38, True), (39, True), (40, False)])
def test_as_many_links_are_followed_as_linux_follows(tmp_path: Path, links: int, is_written: bool) -> None:
    """The path itself and 39 links make 40."""
    before = "/dev/stderr"
    for number in range(links):
        (tmp_path / str(number)).symlink_to(before)
        before = str(tmp_path / str(number))
    if is_written:
        assert not is_file(before)
        assert generate._descriptor(before) == 2
    else:
        with pytest.raises(OSError, match="symbolic links"):
            generate._descriptor(before)


def test_standard_output_that_is_closed_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(Exception, match="-: found closed, expected a place that can be written to"):
        opened("-").__enter__()


@pytest.mark.parametrize(
    ("total", "every"),
    [(0, 1), (1, 1), (199, 1), (200, 2), (499_999, 4_999), (500_000, 5_000), (10**12, 5_000)],
)
def test_a_bar_is_drawn_after_each_hundredth_or_after_5000(
    total: int, every: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal, drawn = screen(monkeypatch), list[Any]()
    plain = click.progressbar

    def progressbar(*given: Any, **how: Any) -> Any:
        drawn.append((given[1:], how))
        return plain(*given, **how)

    monkeypatch.setattr(click, "progressbar", progressbar)
    assert list(progress.bar("title", total, iter("ab"))) == ["a", "b"]
    assert drawn == [((total, "title"), {"file": terminal, "update_min_steps": every})]


def test_each_command_tells_its_bar_how_much_there_is_and_whether_it_is_printed(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told = []

    def bar(title: str, total: int, items: Iterable[Any], /, *, printed: bool = False) -> Iterable[Any]:
        told.append((title, total, printed))
        return items

    monkeypatch.setattr(generate, "bar", bar)
    monkeypatch.setattr("mockserver.cli.self_test.bar", bar)
    monkeypatch.setattr("mockserver.cli.self_test.kills", lambda offences, depth: iter(()))
    assert run("generate", "faker:count=7", "--skip", "2")[0] == 0
    assert run("generate", "faker:count=7", "--skip", "9", "-o", str(tmp_path / "logs"))[0] == 0
    assert run("self-test", "--only", "gap")[0] == 0
    assert told == [("Writing logs", 5, True), ("Writing logs", 0, False), ("self-test", 2, True)]


def test_a_record_of_a_har_is_done_at_100_percent(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = screen(monkeypatch)
    assert run("record", str(FIXTURES / "saved.har"), "--key", "some-key")[0] == 0
    assert "100%" in terminal.getvalue()
    assert "15 logs" in terminal.getvalue()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--shift", "10000000000"], 0), (["--shift", "-10000000000"], 0), (["--shift", "10000000001"], 2),
        (["--shift", "-10000000001"], 2), (["--count", "0"], 2), (["--count", "1"], 0),
    ],
)  # fmt: skip
def test_record_takes_a_shift_of_three_centuries_and_a_log_at_least(arguments: list[str], code: int, run: Run) -> None:
    assert run("record", str(FIXTURES / "saved.har"), "--key", "some-key", *arguments)[0] == code


def test_a_mock_has_five_seconds_to_say_that_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def opening(self: Any, url: str, timeout: float) -> Any:
        asked.append((url, timeout))
        raise OSError("nobody there")

    monkeypatch.setattr(urllib.request.OpenerDirector, "open", opening)
    result = CliRunner().invoke(health.health, [])
    assert (result.exit_code, result.output) == (1, "http://127.0.0.1:3001 does not answer: nobody there\n")
    assert asked == [(f"{scheme}://127.0.0.1:3001/__admin/health", 5) for scheme in ("http", "https")]


def test_a_printed_token_is_that_of_an_application_and_lives_an_hour(run: Run) -> None:
    claims = tokens.verified_claims(run("token")[1].strip())
    assert (claims["sub"], claims["client_id"], claims["exp"] - claims["iat"]) == ("mock-app", "mock-app", 3600)


def test_a_help_page_is_a_hundred_columns_wide_at_most(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of them are a margin."""
    monkeypatch.setenv("COLUMNS", "300")
    pages = [run(name, "--help")[1] for name in COMMANDS]
    filled = [line for page in pages for line in page.partition("Examples:")[0].splitlines()]
    assert max(map(len, filled)) == 98


def test_the_help_page_says_where_options_are_read_from() -> None:
    page = " ".join(CliRunner().invoke(group, ["token", "--help"]).output.split())
    assert "mockserver.toml in the working directory, where there is one" in page
    assert "[env var: MOCKSERVER_CONFIG;" in page


@pytest.mark.parametrize(
    ("terminal", "term", "colours"),
    [(True, "xterm", True), (True, None, False), (True, "dumb", False), (False, "xterm", False)],
)
def test_a_line_has_colours_on_a_terminal_that_says_which_it_is(
    terminal: bool, term: str | None, colours: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", Terminal() if terminal else io.StringIO())
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("TERM", raising=False)
    if term is not None:
        monkeypatch.setenv("TERM", term)
    writer: Any = None
    made = {form: serve._request_log(form, writer) for form in get_args(serve.Form)}
    assert made["off"] is None
    forms = {form: log._form for form, log in made.items() if log}
    assert forms == {"text": coloured_line if colours else text_line, "json": json_line}


@pytest.mark.parametrize("more", [(), ("--github",)])
def test_what_check_prints_ends_with_its_last_line(
    more: tuple[str, ...], run: Run, url: str, deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    deployment.content_type = "text/plain"
    code, out, _ = run("check", url, "--token", "good-token", "--depth", "quick", *more)
    last = out.splitlines()[-1]
    assert (code, out.endswith(f"{last}\n")) == (1, True)
    assert last.startswith("::" if more else "Broken: 1 forbidden")
