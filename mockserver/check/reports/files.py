"""The report files of a run."""

from __future__ import annotations

from pathlib import Path

from mockserver.check.reports.junit import junit
from mockserver.check.reports.page import page
from mockserver.check.reports.record import Record
from mockserver.errors import MockserverError
from mockserver.jsontext import encode_pretty

# One a report: what CI systems read, what programs read, what people look at.
REPORTS = {"junit.xml": junit, "report.json": encode_pretty, "report.html": page}


def write(told: Record, folder: Path) -> None:
    """Write every report into a folder, made where it is missing; raises MockserverError where that cannot be done."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, make in REPORTS.items():
            (folder / name).write_bytes(make(told))
    except OSError as error:
        raise MockserverError(
            str(folder), error.strerror or type(error).__name__, "a folder to write reports into"
        ) from None
