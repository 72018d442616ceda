"""The options of every command: sentences, defaults, and the environment variables that they are read from."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path
from textwrap import indent
from typing import TypeGuard

import click
import pytest
from click.testing import CliRunner

from mockserver import cli
from mockserver.cli import COMMANDS, group
from mockserver.cli.options import command, option
from mockserver.mock import tokens
from mockserver.mock.settings import Settings
from tests.cli.conftest import Run

FILES = sorted(Path(str(cli.__file__)).parent.glob("*.py"))


def options() -> list[tuple[str, click.Option]]:
    """Every option of every command."""
    context = click.Context(group)
    commands = [(name, group.get_command(context, name)) for name in COMMANDS]
    return [(name, option) for name, command in commands if command for option in command.params if is_option(option)]


def is_option(parameter: click.Parameter) -> TypeGuard[click.Option]:
    return isinstance(parameter, click.Option)


OPTIONS = options()


def defaults(described: click.Option) -> str:
    """What the help page says behind the sentence of an option."""
    record = described.get_help_record(click.Context(group))
    assert record is not None
    return record[1].removeprefix(described.help or "")


def typed_digits(tree: ast.Module) -> list[str]:
    """The help texts that name a default by a digit which somebody typed."""
    keywords = [node for node in ast.walk(tree) if isinstance(node, ast.keyword)]
    patterns = {"help": r"[Dd]efault\b[^\]]*\d", "show_default": r"\d"}
    return [
        str(part.value)
        for keyword in keywords
        for part in ast.walk(keyword.value)
        if keyword.arg in patterns
        and isinstance(part, ast.Constant)
        and re.search(patterns[keyword.arg], str(part.value))
    ]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_has_its_sentence_its_options_and_examples(run: Run, command: str) -> None:
    code, out, _ = run(command, "--help")
    described = group.get_command(click.Context(group), command)
    assert described is not None
    assert code == 0
    assert (described.help or "").partition("\n")[0] in " ".join(out.split())
    for parameter in described.params:
        assert parameter.name is not None
        if isinstance(parameter, click.Option):
            assert parameter.envvar == "MOCKSERVER_" + parameter.opts[-1].removeprefix("--").upper().replace("-", "_")
            assert parameter.opts[-1] in out
            assert f"[env var: {parameter.envvar}" in " ".join(out.split())
    assert not described.params or "\n\n  Examples:\n    " in out
    # They stand as they were typed, and so does what comes behind them.
    examples = "".join(inspect.cleandoc(inspect.getdoc(described.callback) or "").partition("Examples:")[1:])
    assert out.endswith(f"\n\n{indent(examples, '  ')}\n" if examples else "message and exit.\n")


def test_the_help_of_an_option_is_a_sentence() -> None:
    for name, described in OPTIONS:
        sentence, _, default = (described.help or "").partition("  [default: ")
        assert re.fullmatch(r"[A-Z].{3,}\.", sentence), f"{name}: {sentence}"
        assert not default or default.endswith("]")


def test_the_help_page_names_the_value_of_every_option_that_takes_one() -> None:
    """By a word in capitals, or by the choices."""
    for name, described in OPTIONS:
        record = described.get_help_record(click.Context(group))
        assert record is not None
        shown = record[0].rpartition(described.opts[-1])[2].strip()
        takes_one = not described.is_flag and not described.count
        assert bool(shown and not shown.startswith("/")) is takes_one, f"{name} {described.name}"
        if takes_one:
            assert re.fullmatch(r"[A-Z]+(_[A-Z]+)*(=JSON)?|\[[a-z0-9.|-]+\]|[A-Z]+ RANGE", shown), shown


def test_the_help_page_shows_the_default_of_every_option_that_has_one() -> None:
    """A flag and an option that may be repeated are off and empty by default, and show nothing."""
    shown = 0
    for name, described in OPTIONS:
        context = click.Context(click.Command(name))
        default = described.get_default(context)
        if described.is_flag or not isinstance(default, str | int | float) or default == "":
            continue
        assert f"default: {default}" in defaults(described), f"{name} {described.name}"
        shown += 1
    assert shown > 12


def test_the_defaults_of_serve_are_those_of_the_settings() -> None:
    serve = group.get_command(click.Context(group), "serve")
    assert serve is not None
    context = serve.make_context("serve", [])
    of_the_program = {"quiet", "log", "reload", "tls", "tls_cert", "tls_key", "config"}
    of_the_program |= {"upstream", "proxy", "ca_file", "client_cert", "insecure_http"}
    values = {name: value for name, value in context.params.items() if name not in of_the_program}
    assert values.pop("faults") == ()
    assert Settings(**values) == Settings()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_default_with_digits_is_typed_into_a_help_text(file: Path) -> None:
    """It comes from the value itself: as the default of the option, or as a value within an f-string."""
    assert typed_digits(ast.parse(file.read_text())) == []


def test_a_default_with_digits_that_is_typed_is_found() -> None:
    typed = 'option("--a", help="Much.  [default: 90]")\noption("--b", show_default="by depth 90")\n'
    value = (
        'option("--c", help=f"Much.  [default: {NINETY}]", show_default=f"{NINETY}")\noption("--d", help="A 403.")\n'
    )
    assert typed_digits(ast.parse(typed)) == ["Much.  [default: 90]", "by depth 90"]
    assert typed_digits(ast.parse(value)) == []


def test_an_option_is_read_from_the_environment_unless_it_is_given(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCKSERVER_SCOPE", "from the environment")
    monkeypatch.setenv("MOCKSERVER_EXPIRES_IN", "5")
    read = tokens.verified_claims(run("token", "--expires-in", "7")[1].strip())
    assert (read["scope"], read["exp"] - read["iat"]) == ("from the environment", 7)
    monkeypatch.setenv("MOCKSERVER_PORT", "x")
    assert run("serve")[0] == 2


def test_an_option_is_read_from_the_variable_of_its_long_name() -> None:
    @command
    @option("-l", "--long-name", default="")
    def echo(long_name: str) -> None:
        click.echo(long_name)

    assert CliRunner().invoke(echo, env={"MOCKSERVER_LONG_NAME": "x"}).output == "x\n"


def test_an_option_that_may_be_repeated_reads_one_value_from_each_line_of_its_variable(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOCKSERVER_CLAIM", 'note="two words"\nsub="another"')
    claims = tokens.verified_claims(run("token")[1].strip())
    assert (claims["note"], claims["sub"]) == ("two words", "another")


def test_the_address_of_a_kubernetes_service_is_passed_over_with_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every pod beside a Service called mockserver has these variables."""
    monkeypatch.setenv("MOCKSERVER_PORT", "tcp://10.0.0.7:3001")
    monkeypatch.setenv("MOCKSERVER_PORT_3001_TCP", "tcp://10.0.0.7:3001")
    monkeypatch.setenv("MOCKSERVER_SERVICE_HOST", "10.0.0.7")
    serve = group.get_command(click.Context(group), "serve")
    assert serve is not None
    assert serve.make_context("serve", []).params["port"] == Settings().port
    assert capsys.readouterr().err == (
        "MOCKSERVER_PORT=tcp://10.0.0.7:3001 is passed over: Kubernetes sets it for a Service of this name\n"
    )


def test_a_port_that_is_no_number_is_still_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCKSERVER_PORT", "three")
    serve = group.get_command(click.Context(group), "serve")
    assert serve is not None
    with pytest.raises(click.BadParameter, match="three"):
        serve.make_context("serve", [])
