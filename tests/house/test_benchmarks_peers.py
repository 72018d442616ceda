"""A peer is measured only if it can be installed and answers with exactly the expected logs."""

from __future__ import annotations

import re
import subprocess
from contextlib import ExitStack
from pathlib import Path

import pytest

from mockserver.contract.jsontext import decode, encode
from tests.benchmarks import peers
from tests.benchmarks.peers.corpus import KEYS, LOGS, SIZE, Corpus, check
from tests.benchmarks.peers.packages import folder_of, install
from tests.benchmarks.peers.peer import Peer, Place
from tests.benchmarks.servers import Process
from tests.benchmarks.serving import Subject


class Answering(Process):
    """A server that answers every path with the same text."""

    def page(self, path: str = "/api/logs") -> tuple[list[tuple[str, str]], bytes]:
        return [], self.url.encode()


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return Corpus.drawn()


def test_every_page_and_every_key_has_full_pages(corpus: Corpus) -> None:
    questions = corpus.found("p{}", "k{}")
    assert [path for path, _ in questions[::2]] == [f"p{number + 1}" for number in range(LOGS // SIZE)]
    assert {path for path, _ in questions[1::2]} == {f"k{key}" for key in KEYS}
    assert {len(logs) for _, logs in questions} == {SIZE}
    assert len({log["id"] for _, logs in questions[::2] for log in logs}) == LOGS


def test_the_expected_logs_pass_in_any_layout_of_json(corpus: Corpus) -> None:
    spaced = corpus.page().decode().replace('","', '", "')
    check(Answering(spaced, 0, 0), "a peer", corpus.fixed("/page.json"))


@pytest.mark.parametrize("part", [slice(0), slice(1, None), slice(None, None, -1)], ids=["none", "fewer", "reversed"])
def test_other_logs_are_refused(corpus: Corpus, part: slice) -> None:
    answer = encode(decode(corpus.page())[part]).decode()
    with pytest.raises(SystemExit, match=r"a peer: /page\.json: \d+ bytes that are not the 20 logs expected"):
        check(Answering(answer, 0, 0), "a peer", corpus.fixed("/page.json"))


def test_an_answer_that_is_not_json_is_refused(corpus: Corpus) -> None:
    with pytest.raises(SystemExit, match=r"a peer: /page\.json: "):
        check(Answering("not found", 0, 0), "a peer", corpus.fixed("/page.json"))


@pytest.mark.parametrize("peer", peers.PEERS, ids=lambda peer: peer.package)
def test_a_peer_has_an_exact_version_listens_on_loopback_and_serves_a_fixed_page(
    peer: Peer, corpus: Corpus, tmp_path: Path
) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", peer.version)
    service = peer.serve(Place(tmp_path, peer.version, tmp_path, 4321, corpus))
    assert "127.0.0.1" in " ".join(service.command)
    assert "4321" in service.command
    assert any(name.endswith(", fixed page") for name in service.ways)


def test_a_peer_that_cannot_be_installed_is_left_out_with_a_reason(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    with ExitStack() as stack:
        assert list(peers.subjects(stack, Subject, "")) == []
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(" is left out: ")[0] for line in lines] == [f"{p.package}@{p.version}" for p in peers.PEERS]
    assert all("not found, expected on the PATH" in line for line in lines)


def test_a_peer_that_was_not_selected_is_not_installed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    with ExitStack() as stack:
        assert list(peers.subjects(stack, Subject, "pages of nobody")) == []
    assert capsys.readouterr().err == ""


def test_an_installation_that_fails_leaves_nothing_and_says_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The next run must install again: it would take an incomplete folder for a complete one."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    failure = subprocess.CompletedProcess([], 1, "", "npm error code E404\nnpm error 404 Not Found\n")
    monkeypatch.setattr("shutil.which", lambda name: name)
    monkeypatch.setattr("subprocess.run", lambda *_, **__: failure)
    with pytest.raises(SystemExit, match="npm: code E404, 404 Not Found"):
        install(peers.PEERS[0])
    assert not any(folder_of(peers.PEERS[0]).parent.iterdir())
