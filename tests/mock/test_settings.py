"""Settings are legal or do not exist."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from mockserver.contract.errors import MockserverError
from mockserver.mock.settings import Settings


def test_the_defaults_are_those_that_serve_promises() -> None:
    assert dataclasses.asdict(Settings()) == {
        "host": "127.0.0.1",
        "port": 3001,
        "logs": "faker:count=1000,seed=0",
        "profile": "documented",
        "faults": (),
        "seed": 0,
        "now": "",
        "growth": 0.0,
        "auth": "tokens",
        "admin_token": None,
        "link_base": None,
        "allow_invalid": False,
        "base_url": "",
        "trusted_proxy": False,
    }


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"profile": "obseved"}, r"profile: found 'obseved', expected one of documented, observed, .*did you mean obs"),
        ({"auth": "none"}, r"auth: found 'none', expected one of any, off, tokens"),
        ({"link_base": "web"}, r"link-base: found 'web', expected one of api, observed"),
        ({"port": -1}, r"port: found -1, expected 0 to 65535; 0 picks a free one"),
        ({"port": 65536}, r"port: found 65536"),
        ({"seed": 2**63}, r"seed: found one too large, expected a whole number of 64 bits"),
        ({"seed": -(10**5000)}, r"seed: found one too large"),
        ({"growth": -0.1}, r"growth: found -0.1, expected a number of logs a second from 0"),
        ({"growth": float("nan")}, r"growth: found nan"),
        ({"growth": float("inf")}, r"growth: found inf"),
        ({"admin_token": ""}, r"admin-token: found an empty one, expected visible characters"),
        ({"admin_token": " x"}, r"admin-token: found one that no header can hold"),
        ({"admin_token": "a\nb"}, r"admin-token: found one that no header can hold"),
        ({"admin_token": "\udcff"}, r"admin-token: found one that no header can hold"),
        ({"base_url": "mock.example.com"}, r"base-url: found 'mock.example.com', expected a URL such as https://mock"),
        ({"base_url": "https://mock.example.com/"}, r"base-url"),
        ({"allow_invalid": True}, r"allow-invalid: found profile documented, .*; add --profile observed"),
    ],
)
def test_what_is_not_legal_cannot_be_made(given: dict[str, Any], told: str) -> None:
    with pytest.raises(MockserverError, match=told):
        Settings(**given)


@pytest.mark.parametrize(
    "given",
    [{"port": 0}, {"port": 65535}, {"link_base": "observed"}, {"allow_invalid": True, "profile": "observed"}],
)
def test_the_bounds_themselves_are_legal(given: dict[str, Any]) -> None:
    assert dataclasses.asdict(Settings(**given)).items() >= given.items()
