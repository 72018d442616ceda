"""Read a page of logs in spite of failures: wait and try again, renew the token, give up in time."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

import requests

PASSING = {429, 500, 502, 503, 504}


def read_page(
    base_url: str,
    fetch_token: Callable[[], str],
    page: int = 1,
    attempts: int = 5,
    first_wait: float = 0.5,
    sleep: Callable[[float], Any] = time.sleep,
) -> list[dict[str, Any]]:
    """Return the logs of one page; raises the error of the last attempt."""
    token, is_renewed = fetch_token(), False
    for attempt in range(attempts):
        wait = first_wait * 2**attempt * random.uniform(0.5, 1)
        try:
            response = requests.get(
                f"{base_url}/api/logs",
                params={"page": page},
                headers={"Authorization": f"Bearer {token}"},
                timeout=10,
            )
            if response.ok:
                return response.json()
            if response.status_code == 401 and not is_renewed:
                token, is_renewed = fetch_token(), True
                continue
            if response.status_code not in PASSING:
                response.raise_for_status()
            wait = max(wait, float(response.headers.get("Retry-After", 0)))
            failure: Exception = requests.HTTPError(f"status {response.status_code}")
        except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as error:
            failure = error  # no connection, a cut body, no answer in time: all may pass
        except ValueError as error:
            failure = error  # so may a body that is no JSON
        if attempt + 1 < attempts:
            sleep(wait)
    raise failure
