"""Source ``hypothesis``: logs at the edges of the contract, drawn once by ``mockserver.logs.strategies``."""

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
from mockserver.contract.errors import MockserverError
from mockserver.contract.grammar import parameter
from mockserver.contract.jsontext import decode, encode
from mockserver.logs.files import replacing
from mockserver.logs.source import Opening, Source

HOME = "default"  # the tenant of the logs as they are kept; every other gets them under its own name and ids
BUFFER = 4096  # bytes of randomness a log: the longest draws need about 3,000
MOST = 10_000  # about a minute's drawing


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """TenantLogs at the edges of the contract: bounds, hard characters, huge numbers, deep objects; drawn once and kept."""

    count: int = parameter(100, help="how many logs", at_least=1, at_most=MOST)
    seed: int = parameter(0, help="equal seeds give equal logs", at_least=0, at_most=2**63 - 1)

    def open(self, opening: Opening) -> Source:
        """Read the logs from the cache folder, or draw them (about 5 ms each) and keep them there where it is writable.

        Raises MockserverError where Hypothesis is not installed. The logs neither grow nor depend on the moment.
        """
        from mockserver.logs.file import newest_first, read_file, row
        from mockserver.logs.tenant_ids import SpelledSource

        file = folder() / f"{self.name()}.jsonl"
        rows, problems = read_file(file) if file.exists() else ([], [])
        if len(rows) != self.count or problems:
            lines = [encode(log) for log in opening.watch("Drawing logs", self.count, draw(self.count, self.seed))]
            keep(file, lines)
            rows = newest_first(row(decode(line)) for line in lines)
        return SpelledSource(rows)

    def name(self) -> str:
        """A name that changes with all that the logs depend on: parameters, contract, strategies, Hypothesis."""
        try:
            version = metadata.version("hypothesis")
        except metadata.PackageNotFoundError:
            raise MockserverError(
                "hypothesis", "no Hypothesis", "the package", "pip install 'mockserver[check]'"
            ) from None
        strategies = Path(__file__).with_name("strategies.py")
        text = b"\n".join((repr(self).encode(), version.encode(), contract().text, strategies.read_bytes()))
        return f"hypothesis-{self.count}-{self.seed}-{blake2b(text, digest_size=8).hexdigest()}"


def folder() -> Path:
    """Where drawn logs are kept: ``mockserver`` in the user's cache folder, as the XDG base directories have it.

    A user without a home, as in some containers, has a temporary one.
    """
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(cache if os.path.isabs(cache) else tempfile.gettempdir()) / "mockserver"


def keep(file: Path, lines: list[bytes]) -> None:
    """Write the lines to a file; without a word where that cannot be done, for they can be drawn again."""
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        with replacing(file) as whole:
            whole.writelines(line + b"\n" for line in lines)


def draw(count: int, seed: int) -> Iterator[dict[str, Any]]:
    """``count`` logs with unique ids: the same for a seed in any process, one version of Hypothesis given.

    Its engine would draw constants from whatever modules are loaded; fed with bytes, as fuzzers do, it looks at
    nothing else.
    """
    number = 0
    seen: set[str] = set()
    with _at_home():
        drawn = _fuzzer()
        while len(seen) < count:
            for log in drawn(shake_256(f"{seed}/{number}".encode()).digest(BUFFER)):
                if log["id"] not in seen:
                    seen.add(log["id"])
                    yield log
            number += 1


def _fuzzer() -> Callable[[bytes], list[dict[str, Any]]]:
    """The log that Hypothesis makes of some bytes; none where they do not suffice."""
    from hypothesis import HealthCheck, given, settings

    from mockserver.logs.strategies import logs

    drawn: list[dict[str, Any]] = []

    @settings(database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(logs(HOME))
    def take(log: dict[str, Any]) -> None:
        drawn.append(log)

    def fuzz(randomness: bytes) -> list[dict[str, Any]]:
        drawn.clear()
        take.hypothesis.fuzz_one_input(randomness)  # type: ignore[attr-defined]  # documented, for fuzzers
        return list(drawn)

    return fuzz


@contextmanager
def _at_home() -> Iterator[None]:
    """Have Hypothesis keep its tables of Unicode in the cache folder, not wherever somebody starts a server."""
    from hypothesis import configuration

    before = configuration.storage_directory(intent_to_write=False).home_directory
    configuration.set_hypothesis_home_dir(folder() / "hypothesis")
    try:
        yield
    finally:
        configuration.set_hypothesis_home_dir(before)
