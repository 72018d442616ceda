"""Two exporters that can be stopped and resumed at any moment: one that looks right, and one that is."""

from __future__ import annotations

from typing import Any, Protocol

import httpx


class Exporter(Protocol):
    """Copies the logs somewhere, one page at a time; ``state`` is all that it remembers between two runs."""

    state: dict[str, Any]
    exported: list[Any]

    def __init__(self, client: httpx.Client, state: dict[str, Any], exported: list[Any]) -> None: ...

    def step(self) -> bool:
        """Export one page; whether everything there was at the beginning of this round is exported now."""


class NaiveExporter:
    """Remembers the number of the page. Wrong: new logs move the others to later pages."""

    def __init__(self, client: httpx.Client, state: dict[str, Any], exported: list[Any]) -> None:
        self.client, self.state, self.exported = client, state, exported

    def step(self) -> bool:
        number = self.state.get("page", 1)
        page = self.client.get("/api/logs", params={"page": number, "page_size": 5}).raise_for_status().json()
        self.exported += page
        self.state["page"] = number + 1 if page else 1
        return not page


class ResumableExporter:
    """Goes round after round, each from the newest log down to where the last finished round began.

    New logs only push others to later pages, so that the next page may repeat logs but never skips one; those that
    came in above the beginning of this round are met in the next. What was exported already is known by its id.
    """

    def __init__(self, client: httpx.Client, state: dict[str, Any], exported: list[Any]) -> None:
        self.client, self.state, self.exported = client, state, exported

    def step(self) -> bool:
        number = self.state.get("page", 1)
        page = self.client.get("/api/logs", params={"page": number, "page_size": 5}).raise_for_status().json()
        if number == 1 and page:
            self.state["begun_at"] = page[0]["id"]
        known = {log["id"] for log in self.exported}
        self.exported += [log for log in page if log["id"] not in known]
        if page and self.state.get("finished_at") not in {log["id"] for log in page}:
            self.state["page"] = number + 1
            return False
        self.state.update(page=1, finished_at=self.state.get("begun_at"))
        return True
