"""The report files of a run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mockserver.contract.errors import MockserverError
from mockserver.contract.jsontext import encode_pretty
from mockserver.judge.report.junit import junit
from mockserver.judge.report.page import page
from mockserver.judge.report.record import Record

# One a report: what CI systems read, what programs read, what people look at.
REPORTS = {"junit.xml": junit, "report.json": encode_pretty, "report.html": page}


def folder(path: Path) -> None:
    """Make the folder of the reports where it is missing; raises MockserverError where that cannot be done."""
    with _telling(path):
        path.mkdir(parents=True, exist_ok=True)


def write(told: Record, path: Path) -> None:
    """Write every report into a folder, made where it is missing; raises MockserverError where that cannot be done."""
    folder(path)
    with _telling(path):
        for name, make in REPORTS.items():
            (path / name).write_bytes(make(told))


@contextmanager
def _telling(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        found = (error.strerror or type(error).__name__).lower()
        raise MockserverError(
            str(path), found, "a folder to write reports into", "choose another with --report"
        ) from None
