"""Source ``hypothesis``: logs at the edges of the contract, drawn once by ``mockserver.logs.strategies``.

Drawing takes about 5 ms a log, so the logs are kept in the user's cache folder. The name of the file changes with all
that the logs depend on: parameters, contract, strategies and the version of Hypothesis.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import blake2b, shake_256
from importlib import metadata
from pathlib import Path
from typing import Any

from mockserver.contract.document import contract
from mockserver.contract.errors import needs_check
from mockserver.contract.grammar import parameter
from mockserver.contract.jsontext import decode, encode
from mockserver.logs.files import replacing
from mockserver.logs.reading import read_file
from mockserver.logs.row import HOME, Row, newest_first
from mockserver.logs.source import Opening, Source
from mockserver.logs.tenant_ids import DrawnSource

BUFFER = 4096  # bytes of randomness a log: the longest draws need about 3,000
MOST = 10_000  # about a minute of drawing


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """Logs at the edges of the contract: bounds, hard characters, huge numbers, deep objects; drawn once and kept."""

    count: int = parameter(100, help="how many logs", at_least=1, at_most=MOST)
    seed: int = parameter(0, help="equal seeds give equal logs", at_least=0, at_most=2**63 - 1)

    file = ""

    def open(self, opening: Opening) -> Source:
        """Read the logs from the cache folder, or draw them and try to keep them there.

        Raises MockserverError when Hypothesis is not installed. The logs neither grow nor depend on the moment.
        """
        file = folder() / f"{self.name()}.jsonl"
        rows, problems = read_file(file) if file.exists() else ([], [])
        if len(rows) != self.count or problems:
            lines = [encode(log) for log in opening.watch("Drawing logs", self.count, draw(self.count, self.seed))]
            keep(file, lines)
            rows = newest_first(Row.of(decode(line)) for line in lines)
        return DrawnSource(rows)

    def name(self) -> str:
        """Return a name that changes with all that the logs depend on."""
        with needs_check():
            version = metadata.version("hypothesis").encode()
        strategies = Path(__file__).with_name("strategies.py").read_bytes()
        basis = b"\n".join((repr(self).encode(), version, contract().text, strategies))
        return f"hypothesis-{self.count}-{self.seed}-{blake2b(basis, digest_size=8).hexdigest()}"


def folder() -> Path:
    """Return the folder of drawn logs: ``mockserver`` in the user's cache folder (XDG Base Directory Specification).

    The temporary folder takes its place when XDG_CACHE_HOME is relative, or when the user has no home.
    """
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(cache if os.path.isabs(cache) else tempfile.gettempdir()) / "mockserver"


def keep(file: Path, lines: list[bytes]) -> None:
    """Write the lines to a file. An error is ignored, because the lines can be drawn again."""
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        with replacing(file) as whole:
            whole.writelines(line + b"\n" for line in lines)


def draw(count: int, seed: int) -> Iterator[dict[str, Any]]:
    """Yield ``count`` logs with unique ids: the same for a seed in any process, for one version of Hypothesis.

    Hypothesis is fed with bytes, as fuzzers do it. Its own engine would also draw constants from the loaded modules.
    """
    ids: set[str] = set()
    number = 0
    with cache_as_home():
        fuzz = _fuzzer()
        while len(ids) < count:
            for log in fuzz(shake_256(f"{seed}/{number}".encode()).digest(BUFFER)):
                if log["id"] not in ids:
                    ids.add(log["id"])
                    yield log
            number += 1


def _fuzzer() -> Callable[[bytes], list[dict[str, Any]]]:
    """Return the function that makes a log of some bytes; it returns no log when the bytes do not suffice."""
    from hypothesis import given, settings

    from mockserver.logs.strategies import edge_logs

    drawn: list[dict[str, Any]] = []
    # An interrupt would leave a database in the user's folder.
    take = settings(database=None, deadline=None)(given(edge_logs(HOME))(lambda log: drawn.append(log)))

    def fuzz(randomness: bytes) -> list[dict[str, Any]]:
        drawn.clear()
        take.hypothesis.fuzz_one_input(randomness)  # type: ignore[attr-defined]  # documented, for fuzzers
        return list(drawn)

    return fuzz


@contextmanager
def cache_as_home() -> Iterator[None]:
    """Let Hypothesis keep its Unicode tables in the cache folder instead of the working directory."""
    from hypothesis import configuration

    before = configuration.storage_directory(intent_to_write=False).home_directory
    configuration.set_hypothesis_home_dir(folder() / "hypothesis")
    try:
        yield
    finally:
        configuration.set_hypothesis_home_dir(before)
