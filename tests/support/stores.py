"""Logs and stores for the tests of the store."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from mockserver.contract.jsontext import decode
from mockserver.logs.file import SeededSource
from mockserver.logs.row import Row, newest_first
from mockserver.mock.store import Store

KEYS = ("Unknown", "Interaction.Create", "TriggerHook.PostSignIn")


USERS = ("", "alice", "bob", None)


def log(
    log_id: str, key: str = "Unknown", at: float = 1, user: str | None = None, app: str | None = None
) -> dict[str, Any]:
    payload = {"key": key, "result": "Success", "userId": user, "applicationId": app}
    kept = {name: value for name, value in payload.items() if value is not None}
    return {"tenantId": "default", "id": log_id, "key": key, "payload": kept, "createdAt": at}


def store(logs: list[dict[str, Any]], tenant: str = "default") -> Store:
    return Store(tenant, SeededSource(newest_first(Row.of(each) for each in logs)).logs(tenant))


def add(to: Store, added: dict[str, Any], log_id: str = "unused", now: float = 0) -> Any:
    """The log as the store has it once it is added."""
    return decode(to.add_all([added], lambda: log_id, now)[0])


def state(tried: Store) -> tuple[str, list[bytes]]:
    """What a change of the store shows in."""
    return tried.version(0), tried.added


LOGS = st.lists(
    st.builds(
        log,
        st.text("abc", min_size=1, max_size=3),
        st.sampled_from(KEYS),
        st.integers(0, 5) | st.sampled_from([2.5, -1.5, 2**53 + 2]),
        st.sampled_from(USERS),
        st.sampled_from(USERS),
    ),
    unique_by=lambda each: each["id"],
    max_size=12,
)


NEW_IDS = st.text("def", min_size=1, max_size=3)
