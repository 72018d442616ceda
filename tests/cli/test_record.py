"""``mockserver record`` brings logs home under pseudonyms, and goes on where it broke off."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from mockserver import Settings, create_app
from mockserver.contract.filters import pairs_of
from mockserver.edge.server import Server
from mockserver.record import har, walk
from mockserver.record.personal import personal_places
from mockserver.record.pseudonyms import Pseudonyms
from tests.cli.conftest import Run
from tests.cli.test_progress import screen
from tests.conftest import FIXTURES
from tests.support.deployment import Answered, Asked, Deployment
from tests.support.home import LOGS, joined, left
from tests.support.samples import a_log, some_logs
from tests.support.wire import request, until

KEY = ("--key", "some-key")
FAST = ("--rate", "1000", "--token", "good-token")


def written(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def total(port: int, **filters: str) -> int:
    answer = request(port, f"/api/logs?{urlencode(filters)}", [("Authorization", "Bearer dev-token")])
    return int(answer.header("total-number") or "")


def settings(file: Path) -> Settings:
    return Settings(logs=str(file), profile="observed-1.42")


def test_a_real_deployment_comes_home_without_a_value_and_with_equal_counts(run: Run, tmp_path: Path) -> None:
    """The mock serves what a real Logto 1.42 had recorded, as that deployment, with its ties and its hidden keys."""
    file, home = tmp_path / "deployment.jsonl", tmp_path / "logs.jsonl"
    file.write_text("".join(f"{json.dumps(log)}\n" for log in LOGS))
    with Server(create_app(settings(file))) as there:
        result = run("record", there.url, "-o", str(home), "--rate", "1000", "--token", "dev-token", *KEY)
        assert result == (0, "", f"{total(there.port):,} logs in {home}\n")
        names, pairs = Pseudonyms("some-key"), sorted({pair for log in LOGS for pair in pairs_of(log)})
        both = [dict(random.Random(n).sample(pairs, 2)) for n in range(30)]
        asked = [dict([pair]) for pair in pairs] + both
        with Server(create_app(settings(home))) as here:
            counts = [
                (total(there.port, **each), total(here.port, **{n: names.text(v) for n, v in each.items()}))
                for each in asked
            ]
    assert len(counts) >= 50
    assert sum(count > 0 for count, _ in counts) > 30
    assert [pair for pair in counts if pair[0] != pair[1]] == []
    listed = {log["id"] for log in written(home)}
    assert joined(written(home)) == joined(log for log in LOGS if names.text(log["id"]) in listed)
    assert left(LOGS, home.read_text()) == []
    assert personal_places(home) == []
    assert run("validate", "--private", str(home))[0] == 0


def test_what_a_browser_saved_comes_home_and_can_be_served(run: Run, tmp_path: Path) -> None:
    home = tmp_path / "logs.jsonl"
    code, out, err = run("record", str(FIXTURES / "saved.har"), "-o", str(home), "--shift", "-86400")
    key = re.search(r"The key of the pseudonyms is (\w{32}) ", err)
    assert (code, out, len(written(home))) == (0, "", 15)
    assert key is not None
    assert key[1] not in home.read_text()
    with Server(create_app(Settings(logs=str(home)))) as server:
        assert total(server.port) == 15
    code, out, _ = run("record", str(FIXTURES / "saved.har"), "--key", key[1])
    logs = list(map(json.loads, out.splitlines()))
    assert [log | {"createdAt": log["createdAt"] - 86_400_000} for log in logs] == written(home)


def test_filters_a_count_and_a_moment_choose_logs(run: Run, tmp_path: Path, url: str, deployment: Deployment) -> None:
    home = tmp_path / "logs.jsonl"
    since = "2026-01-01T00:01:00Z"  # the 60 oldest of 150 logs are older
    assert run("record", url, *FAST, *KEY, "-o", str(home), "--since", since)[0] == 0
    assert len(written(home)) == 90
    assert run("record", url, *FAST, *KEY, "-o", str(home), "--count", "7", "--log-key", "RevokeToken")[0] == 0
    assert [log["key"] for log in written(home)] == ["RevokeToken"] * 7
    assert "logKey=RevokeToken" in deployment.asked[-1].query
    code, out, err = run("record", url, *FAST, *KEY, "--user-id", "nobody")
    assert (code, out, err) == (0, "[]\n", "0 logs\n")


def test_a_token_is_fetched_for_an_application(run: Run, url: str, deployment: Deployment) -> None:
    code, _, err = run("record", url, "--client-id", "a", "--client-secret", "b", "--rate", "1000", "--count", "1")
    assert (code, err.splitlines()[1:]) == (0, ["1 logs"])
    assert [asked.path for asked in deployment.asked] == ["/oidc/token", "/api/logs"]
    assert deployment.asked[1].headers["authorization"] == "Bearer fetched-token"


def test_a_run_that_broke_off_goes_on_with_the_same_key(
    run: Run, tmp_path: Path, url: str, deployment: Deployment
) -> None:
    def mend(_: Deployment, asked: Asked, answered: Answered) -> Answered:
        return Answered(403, {"code": "auth.forbidden"}) if ("page", "3") in asked.pairs else answered

    home, part = tmp_path / "logs.jsonl", tmp_path / "logs.jsonl.part"
    deployment.logs = some_logs(450)
    deployment.mend = mend
    code, _, err = run("record", url, *FAST, "-o", str(home))
    key = re.findall(r"pseudonyms is (\S+) ", err)
    assert (code, home.exists(), part.exists()) == (2, False, True)
    assert err.endswith("see --token and --client-id\n")
    assert b"198.51.100." not in part.read_bytes()
    deployment.mend = lambda _, __, answered: answered
    deployment.asked.clear()
    deployment.logs[:0] = [a_log(450)]
    code, _, err = run("record", url, *FAST, *KEY, "-o", str(home))
    assert (code, err.count("\n")) == (2, 1)
    assert err.startswith(f"Error: {part}: found logs of a run with another target, key, filter, --since or --shift")
    assert run("record", url, *FAST, "--key", *key, "-o", str(home))[0] == 0
    names = Pseudonyms(key[0])
    assert [log["id"] for log in written(home)] == [names.text(log["id"]) for log in some_logs(450)]
    assert [dict(asked.pairs)["page"] for asked in deployment.asked] == ["3", "4", "5"]
    assert os.listdir(tmp_path) == [home.name]


def test_what_no_page_showed_is_told(run: Run, url: str, deployment: Deployment) -> None:
    """The deployment says that it has one log more than it shows. A log that breaks the contract comes home too."""

    def mend(_: Deployment, __: Asked, answered: Answered) -> Answered:
        return Answered(200, answered.body[1:], answered.headers)

    deployment.logs, deployment.mend = [a_log(2), {**a_log(1), "payload": {}}, a_log(0)], mend
    code, out, err = run("record", url, *FAST, *KEY)
    assert (code, [json.loads(line)["createdAt"] for line in out.splitlines()]) == (
        1,
        [a_log(1)["createdAt"], a_log(0)["createdAt"]],
    )
    assert err == "2 logs; 1 of 3 logs were on no page, in 3 walks over all pages\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["http://127.0.0.1:1", "--rate", "1000"], "3 failures in a row, the last: a refused connection, expected 200"),
        (["http://example.com", "--token", "t"], "found plain http beyond this machine"),
        (["localhost:3001"], "target: found 'localhost:3001', expected a URL such as http://localhost:3001"),
        (["missing.har"], "missing.har: no such file or directory"),
        (["http://127.0.0.1:1", "--token", "a\nb"], "token: found one that no header can hold"),
        (["http://127.0.0.1:1", "--client-id", "a"], "credentials: found another combination"),
        (["http://127.0.0.1:1", "--since", "yesterday"], "since: found 'yesterday'"),
        (["http://127.0.0.1:1", "-o", "no/such.jsonl"], "no/such.jsonl.part: found unable to open database file"),
    ],
)
def test_whatever_cannot_be_recorded_is_one_line(
    run: Run, arguments: list[str], told: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(walk, "PAUSE", 0)
    monkeypatch.setenv("MOCKSERVER_KEY", "some-key")
    code, out, err = run("record", *arguments)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert told in err
    assert os.listdir(tmp_path) == []


def test_a_terminal_shows_how_many_logs_are_there(
    run: Run, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = screen(monkeypatch)
    assert run("record", url, *FAST, *KEY, "-o", str(tmp_path / "logs.jsonl"))[0] == 0
    assert " 66%" in terminal.getvalue()
    assert "150 logs" in terminal.getvalue()


def test_an_interrupted_run_says_how_it_goes_on(
    tmp_path: Path, url: str, deployment: Deployment, counted: None
) -> None:
    """It ends with 130, as a shell reports an interrupt; and within its slow second request."""
    home = tmp_path / "logs.jsonl"
    command = [sys.executable, "-m", "mockserver", "record", url, "--token", "good-token", *KEY, "-o", str(home)]
    deployment.logs = some_logs(10_000)
    # A shell that runs the tests in the background has them ignore it, and a program inherits that.
    inherited = signal.signal(signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as run:
        signal.signal(signal.SIGINT, inherited)
        until(lambda: len(deployment.asked) > 1)
        run.send_signal(signal.SIGINT)
        _, err = run.communicate(timeout=30)
    assert (run.returncode, err) == (130, f"{home}.part is kept: the same command, with its key, goes on\n")
    assert os.listdir(tmp_path) == ["logs.jsonl.part"]


def test_an_interrupt_between_two_pages_keeps_the_first(
    run: Run, tmp_path: Path, url: str, deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "logs.jsonl"
    deployment.logs = some_logs(300)
    read = walk.Walk.read

    def interrupted(*given: Any) -> Iterator[float]:
        yield next(read(*given))
        raise KeyboardInterrupt

    monkeypatch.setattr(walk.Walk, "read", interrupted)
    code, out, err = run("record", url, *FAST, *KEY, "-o", str(home))
    assert (code, out, err) == (130, "", f"{home}.part is kept: the same command, with its key, goes on\n")
    monkeypatch.setattr(walk.Walk, "read", read)
    assert run("record", url, *FAST, *KEY, "-o", str(home)) == (0, "", f"300 logs in {home}\n")
    assert [dict(asked.pairs)["page"] for asked in deployment.asked] == ["1", "2", "3"]


def test_an_interrupted_run_that_keeps_nothing_says_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(har.Har, "read", interrupted)
    assert run("record", str(FIXTURES / "saved.har"), *KEY) == (130, "", "")
