"""``mockserver.toml``: every option of every command, below the environment, below the command line."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import click
import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.cli import COMMANDS, config, group
from mockserver.cli.config import FILE, MOST_BYTES, MOST_DOTS, read_config, tables, value_schema
from mockserver.contract.errors import MockserverError
from mockserver.contract.jsontext import decode
from mockserver.mock import tokens
from tests.cli.conftest import Run
from tests.support import docs

TABLES = tables()
KEYS = [(name, key) for name, keys in TABLES.items() for key in keys]
SCHEMA = decode(docs.SCHEMA.read_bytes())
# Two values of each type. A flag without --no- can only be turned on by an option: so False comes first.
PAIRS: dict[str, tuple[Any, Any]] = {
    "boolean": (False, True),
    "integer": (7, 2),
    "number": (1.5, 2.5),
    "string": ("two words", "c"),
    "array": (["two words", 'a="b"'], ["c"]),
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def pair(option: click.Option) -> tuple[Any, Any]:
    """Two values of an option as the file has them."""
    schema = value_schema(option)
    return (schema["enum"][0], schema["enum"][-1]) if "enum" in schema else PAIRS[schema["type"]]


def plain(parameter: Any) -> Any:
    """A parameter of a command as the file has it."""
    if isinstance(parameter, tuple):
        return list(parameter)
    return str(parameter) if isinstance(parameter, Path) else parameter


def as_arguments(option: click.Option, value: Any) -> list[str]:
    name = option.opts[-1]
    if isinstance(value, bool):
        return [name] if value else list(option.secondary_opts)
    if option.count:
        return [name] * int(value)
    return [word for each in (value if isinstance(value, list) else [value]) for word in (name, str(each))]


def as_variable(value: Any) -> str:
    return "\n".join(value) if isinstance(value, list) else str(value)


def as_file(table: str, key: str, value: Any) -> str:
    return f"[{table}]\n{key} = {json.dumps(value)}\n"


def parsed(table: str, key: str, *arguments: str) -> Any:
    """What a command gets for one of its parameters."""
    command = group.get_command(click.Context(group), table)
    assert command is not None
    needed = ["x" for parameter in command.params if isinstance(parameter, click.Argument) and parameter.required]
    return command.make_context(table, [*needed, *arguments]).params[key]


def test_each_command_with_options_has_a_table_and_each_option_a_key() -> None:
    for name in COMMANDS:
        command = group.get_command(click.Context(group), name)
        assert command is not None
        options = {parameter.name for parameter in command.params if isinstance(parameter, click.Option)}
        assert options == ({*TABLES[name], "config"} if name in TABLES else set())


@pytest.mark.parametrize(("table", "key"), KEYS)
def test_file_environment_and_option_mean_the_same(
    table: str, key: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    option = TABLES[table][key]
    for value in pair(option):
        by_option = parsed(table, key, *as_arguments(option, value))
        monkeypatch.setenv(str(option.envvar), as_variable(value))
        by_environment = parsed(table, key)
        monkeypatch.delenv(str(option.envvar))
        (folder / FILE).write_text(as_file(table, key, value))
        by_file = parsed(table, key)
        (folder / FILE).unlink()
        assert by_file == by_environment
        # A flag without --no- cannot be turned off by an option.
        assert by_file == (by_option if value is not False or option.secondary_opts else False)
        assert plain(by_file) == value


@pytest.mark.parametrize(("table", "key"), KEYS)
def test_an_option_beats_the_environment_which_beats_the_file(
    table: str, key: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    option = TABLES[table][key]
    first, second = pair(option)
    wanted = parsed(table, key, *as_arguments(option, second))
    (folder / FILE).write_text(as_file(table, key, first))
    assert parsed(table, key) != wanted
    monkeypatch.setenv(str(option.envvar), as_variable(second))
    assert parsed(table, key) == wanted
    monkeypatch.setenv(str(option.envvar), as_variable(first))
    assert parsed(table, key) != wanted
    assert parsed(table, key, *as_arguments(option, second)) == wanted


def test_the_file_is_named_by_an_option_or_a_variable_or_lies_in_the_working_directory(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def scope(*arguments: str) -> Any:
        return tokens.verified_claims(run("token", *arguments)[1].strip())["scope"]

    for name in (FILE, "variable.toml", "option.toml"):
        (folder / name).write_text(f'[token]\nscope = "{name}"\n')
    assert scope() == FILE
    monkeypatch.setenv("MOCKSERVER_CONFIG", "variable.toml")
    assert scope() == "variable.toml"
    assert scope("--config", "option.toml") == "option.toml"


def test_a_file_may_begin_with_the_mark_that_editors_of_windows_write(folder: Path) -> None:
    (folder / FILE).write_bytes(b"\xef\xbb\xbf[serve]\r\nport = 4\r\n")
    assert read_config(folder / FILE) == {"serve": {"port": 4}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[srve]",
            "table: found 'srve', expected one of check, generate, health, proxy, record, self-test, serve, token, ",
        ),
        ("port = 3001", "table: found 'port', expected one of check, generate, "),
        ("serve = 3001", "serve: found a whole number, expected a table"),
        ("[faults]", "table: found 'faults', expected one of"),
        (
            "[serve]\nadmin-token = 'x'",
            "key of serve: found 'admin-token', expected one of admin_token, allow_invalid, ",
        ),
        ("[serve]\nconfig = 'x'", "key of serve: found 'config', expected one of"),
        ("[check]\nonly = 'x'", "check.only: found a text, expected an array"),
        ("[serve]\nfaults = ['empty', 3]", "serve.faults[1]: found a whole number, expected a text"),
        ("[serve]\nport = '3001'", "serve.port: found a text, expected a whole number"),
        ("[serve]\nport = true", "serve.port: found true or false, expected a whole number"),
        ("[serve]\nport = 70000", "serve.port: found 70000, expected 0 to 65535"),
        ("[check]\nunsafe = -1", "check.unsafe: found -1, expected 0 or more"),
        ("[serve]\ngrowth = []", "serve.growth: found an array, expected a number"),
        ("[serve]\ntls = 2026-01-01", "serve.tls: found a date or a time, expected true or false"),
        ("[serve]\nprofile = 'obs'", "serve.profile: found 'obs', expected one of documented, observed, observed-1.42"),
        ("[serve]\nprofile = {}", "serve.profile: found a table, expected a text"),
        (
            "[serve\n",
            "found Expected ']' at the end of a table declaration (at line 1, column 7), expected TOML; a text",
        ),
        (f"a = {'[' * 9_000}", "found arrays or tables that are too deep, expected keys such as serve.port"),
        (f"a = {'9' * 9_000}", "found Exceeds the limit"),
        (f"a{'.a' * (MOST_DOTS + 1)} = 1", "found a line with more than 100 dots, expected keys such as serve.port"),
        (f"#{'#' * MOST_BYTES}", "found more than 100,000 bytes, expected a file of options"),
        ("#\udcff", "found other bytes, expected a text in UTF-8"),
    ],
)
def test_a_bad_file_is_told_in_one_line_with_place_found_and_expected(
    run: Run, folder: Path, text: str, message: str
) -> None:
    (folder / FILE).write_text(text, errors="surrogateescape")
    code, out, err = run("token")
    assert (code, out) == (2, "")
    assert err.startswith(f"Error: {FILE}: {message}")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "found"),
    [("nowhere.toml", "no such file or directory"), (".", "is a directory")],
    ids=["missing", "folder"],
)
def test_a_file_that_is_named_must_be_readable(run: Run, name: str, found: str) -> None:
    assert run("token", "--config", name) == (2, "", f"Error: {name}: found {found}, expected a readable TOML file\n")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no /dev/zero here")
def test_an_endless_file_is_refused(run: Run) -> None:
    assert "found more than 100,000 bytes" in run("token", "--config", "/dev/zero")[2]


def test_a_secret_of_a_wrong_type_is_not_shown(run: Run, folder: Path) -> None:
    (folder / FILE).write_text("[check]\ntoken = 271828\n")
    assert "271828" not in run("check", "http://127.0.0.1:9")[2]


def test_the_largest_file_of_the_longest_keys_costs_seconds_at_most(folder: Path) -> None:
    line = f"k%d{'.a' * MOST_DOTS} = 1\n"
    (folder / FILE).write_text("".join(line % number for number in range(MOST_BYTES // (len(line) + 6))))
    begun = time.process_time()
    with pytest.raises(MockserverError, match="found 'k0'"):
        read_config(folder / FILE)
    assert time.process_time() - begun < 10


def test_help_needs_no_readable_file(run: Run, folder: Path) -> None:
    (folder / FILE).write_text("[")
    code, out, _ = run("serve", "--help")
    assert code == 0
    assert "--config FILE" in out


def test_the_published_schema_is_made_from_the_commands() -> None:
    """``python -m tests.support.docs`` brings it up to date."""
    assert docs.SCHEMA.read_bytes() == docs.schema()
    jsonschema_rs.meta.validate(SCHEMA)


def test_the_defaults_of_the_schema_keep_it() -> None:
    defaults = {
        table: {key: told["default"] for key, told in keys["properties"].items() if "default" in told}
        for table, keys in SCHEMA["properties"].items()
    }
    assert defaults["serve"]["port"] == 3001
    jsonschema_rs.Draft202012Validator(SCHEMA).validate(defaults)


# To JSON schema, 3.0 is a whole number; to TOML it is not.
SCALARS = st.one_of(
    st.booleans(), st.integers(-5, 70_000), st.just(0.5), st.sampled_from(["", "observed", "text", "quick", "x"])
)
VALUES = SCALARS | st.lists(SCALARS, max_size=2) | st.just({})


@st.composite
def files(draw: st.DrawFn) -> dict[str, Any]:
    """One key of one table, most of them known."""
    table, key = draw(st.sampled_from([*KEYS, ("serve", "prt"), ("srve", "port")]))
    return {table: {key: draw(VALUES)}}


@given(file=files())
def test_the_schema_and_the_program_accept_the_same_files(file: dict[str, Any], tmp_path_factory: Any) -> None:
    ((table, keys),) = file.items()
    ((key, value),) = keys.items()
    path = tmp_path_factory.getbasetemp() / FILE
    path.write_text(as_file(table, key, value))
    try:
        accepted = read_config(path) == file
    except MockserverError:
        accepted = False
    assert accepted == jsonschema_rs.Draft202012Validator(SCHEMA).is_valid(file)


def test_a_command_beyond_the_program_has_no_table(folder: Path) -> None:
    @click.command
    @config.config_option
    def other() -> None: ...

    (folder / FILE).write_text("[serve]\nport = 3\n")
    assert other.make_context("other", []).default_map == {}
