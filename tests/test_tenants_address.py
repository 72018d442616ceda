"""Whose request it is: the path says it, else the label before .localhost, else the header, else nobody."""

from __future__ import annotations

import pytest

from mockserver.errors import Refused
from mockserver.reply import Request
from mockserver.tenants import Address, address


@pytest.mark.parametrize(
    ("target", "origin", "header", "expected"),
    [
        ("/api/logs", "http://127.0.0.1:3001", None, Address("default", "", "/api/logs")),
        ("/t/acme/api/logs?x=1", "http://127.0.0.1:3001", None, Address("acme", "/t/acme", "/api/logs")),
        ("/t/acme", "http://127.0.0.1:3001", None, Address("acme", "/t/acme", "")),
        ("/t/acme/", "http://127.0.0.1:3001", None, Address("acme", "/t/acme", "/")),
        ("/t/t/t/x", "http://127.0.0.1:3001", None, Address("t", "/t/t", "/t/x")),
        ("/api/logs", "http://acme.localhost:3001", None, Address("acme", "", "/api/logs")),
        ("/api/logs", "http://ACME.LocalHost", None, Address("acme", "", "/api/logs")),
        ("/t/a/api/logs", "http://b.localhost", "c", Address("a", "/t/a", "/api/logs")),
        ("/api/logs", "http://b.localhost", "c", Address("b", "", "/api/logs")),
        ("/api/logs", "http://localhost", "c", Address("c", "", "/api/logs")),
        ("/api/logs", "http://a.b.localhost", None, Address("default", "", "/api/logs")),
        ("/api/logs", "http://acme.localhost.example.com", None, Address("default", "", "/api/logs")),
        ("/api/logs", "http://acme.logto.app", None, Address("default", "", "/api/logs")),
        ("/api/logs", "http://[::1]:3001", None, Address("default", "", "/api/logs")),
        ("/api/logs", "http://localhost", "", Address("default", "", "/api/logs")),
        ("/t/" + "x" * 21 + "/a", "http://localhost", None, Address("x" * 21, "/t/" + "x" * 21, "/a")),
    ],
)
def test_the_tenant_of_a_request(target: str, origin: str, header: str | None, expected: Address) -> None:
    headers = () if header is None else (("mock-tenant", header),)
    assert address(Request("GET", target, headers, origin)) == expected


@pytest.mark.parametrize("name", ["A", "a_b", "a.b", "ü", "", "x" * 22, "a%20", "a b", "a\n"])
def test_what_is_no_name_is_refused_with_the_bounds(name: str) -> None:
    for request in (
        Request("GET", f"/t/{name}/api/logs"),
        *([Request("GET", "/api/logs", (("mock-tenant", name),))] if name else []),
    ):
        with pytest.raises(Refused, match=r"expected 1 to 21 of a-z, 0-9 and -") as caught:
            address(request)
        assert (caught.value.status, caught.value.code) == (400, "tenant.invalid_name")


def test_a_host_label_that_is_no_name_is_refused() -> None:
    with pytest.raises(Refused):
        address(Request("GET", "/api/logs", origin="http://a_b.localhost:1"))
