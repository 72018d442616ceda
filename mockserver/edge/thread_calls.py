"""Calls: what other threads ask of the thread that serves."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from mockserver.contract.errors import MockserverError

Result = TypeVar("Result")


def call(thread: threading.Thread | None, soon: Callable[..., Any], act: Callable[[], Result]) -> Result:
    """What ``act`` gives, or raises, in ``thread``, whose event loop runs whatever ``soon`` is given.

    It runs between two requests, so that no reply sees half of what it changes, and must not wait. Raises
    MockserverError where the thread does not run: never started, stopped, or left behind by a fork.
    """
    if thread is None or not thread.is_alive():
        raise MockserverError("server", "no thread that serves", "a server that was started")
    outcome: Future[Result] = Future()
    soon(_settle, outcome, act)
    return outcome.result()


def _settle(outcome: Future[Result], act: Callable[[], Result]) -> None:
    try:
        outcome.set_result(act())
    except BaseException as error:
        outcome.set_exception(error)
