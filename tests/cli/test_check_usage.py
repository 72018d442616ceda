"""A wrong address or token is an error in one line, before the first request, and the error repeats no credential."""

from __future__ import annotations

import pytest

from mockserver.contract.errors import MockserverError
from mockserver.judge.credentials import Client
from mockserver.judge.limits import limits
from mockserver.judge.route import address, logs_address
from mockserver.judge.run import RunOptions

LIMITS = limits("quick", loopback=True, requests=None, seconds=None, rate=None)


@pytest.mark.parametrize(
    "url",
    [
        "", "http://", "ftp://localhost", "http://localhost:99999", "http://[::1", "http://a..b",
        "http://localhost/?a=b", "http://localhost/\u00e9", "http://localhost/a b", "http://localhost/\x01",
        f"http://{'x' * 64}.example.com",
    ],
)  # fmt: skip
def test_an_address_that_no_request_can_reach_is_refused(url: str) -> None:
    with pytest.raises(MockserverError, match=r"^target: found .*expected a URL such as"):
        address(url)


@pytest.mark.parametrize(
    "url", ["http://user:open-sesame@localhost", "http://:open-sesame@localhost", "http://open-sesame@["]
)
def test_a_password_in_the_address_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(MockserverError, match="one with a name or password") as caught:
        address(url)
    assert "open-sesame" not in str(caught.value)


@pytest.mark.parametrize(
    "token", ["open-sesame\n", "open\r\nX: sesame", " open-sesame", "open-sesame\udcff", "\0open-sesame"]
)
@pytest.mark.parametrize("name", ["token", "forbidden_token"])
def test_a_token_that_no_header_can_hold_is_refused_and_not_repeated(name: str, token: str) -> None:
    expected = (
        "token: found one that no header can hold, expected visible characters without blanks or line ends around"
    )
    with pytest.raises(MockserverError, match=expected) as caught:
        RunOptions(logs_address("http://localhost"), LIMITS, **{name: token})  # type: ignore[arg-type]  # the name is of a token
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize("text", ["open-sesame\udcff", "open-sesame\n", "\0open-sesame"])
@pytest.mark.parametrize("name", ["client_id", "client_secret", "resource"])
def test_what_no_form_can_hold_is_refused_and_not_repeated(name: str, text: str) -> None:
    texts = {"client_id": "app", "client_secret": "a secret", "resource": "https://example.com/api"} | {name: text}
    expected = (
        f"^{name.replace('_', '-')}: found one with a character that nobody can see, expected printable text in UTF-8$"
    )
    with pytest.raises(MockserverError, match=expected) as caught:
        Client(texts["client_id"], texts["client_secret"], address("http://localhost"), texts["resource"])
    assert "sesame" not in str(caught.value)
