"""Whose request it is: the path says it, else the label before .localhost, else the header, else nobody."""

from __future__ import annotations

import pytest

from mockserver.contract.errors import Refused
from mockserver.http.message import Request
from mockserver.mock.tenants import TenantPath, tenant_path


@pytest.mark.parametrize(
    ("target", "origin", "header", "expected"),
    [
        ("/api/logs", "http://127.0.0.1:3001", None, TenantPath("default", "", "/api/logs")),
        ("/t/acme/api/logs?x=1", "http://127.0.0.1:3001", None, TenantPath("acme", "/t/acme", "/api/logs")),
        ("/t/acme", "http://127.0.0.1:3001", None, TenantPath("acme", "/t/acme", "")),
        ("/t/acme/", "http://127.0.0.1:3001", None, TenantPath("acme", "/t/acme", "/")),
        ("/t/t/t/x", "http://127.0.0.1:3001", None, TenantPath("t", "/t/t", "/t/x")),
        ("/api/logs", "http://acme.localhost:3001", None, TenantPath("acme", "", "/api/logs")),
        ("/api/logs", "http://ACME.LocalHost", None, TenantPath("acme", "", "/api/logs")),
        ("/t/a/api/logs", "http://b.localhost", "c", TenantPath("a", "/t/a", "/api/logs")),
        ("/api/logs", "http://b.localhost", "c", TenantPath("b", "", "/api/logs")),
        ("/api/logs", "http://localhost", "c", TenantPath("c", "", "/api/logs")),
        ("/api/logs", "http://a.b.localhost", None, TenantPath("default", "", "/api/logs")),
        ("/api/logs", "http://acme.localhost.example.com", None, TenantPath("default", "", "/api/logs")),
        ("/api/logs", "http://acme.logto.app", None, TenantPath("default", "", "/api/logs")),
        ("/api/logs", "http://[::1]:3001", None, TenantPath("default", "", "/api/logs")),
        ("/api/logs", "http://localhost", "", TenantPath("default", "", "/api/logs")),
        ("/t/" + "x" * 21 + "/a", "http://localhost", None, TenantPath("x" * 21, "/t/" + "x" * 21, "/a")),
    ],
)
def test_the_tenant_of_a_request(target: str, origin: str, header: str | None, expected: TenantPath) -> None:
    headers = () if header is None else (("mock-tenant", header),)
    assert tenant_path(Request("GET", target, headers, origin)) == expected


@pytest.mark.parametrize("name", ["A", "a_b", "a.b", "ü", "", "x" * 22, "a%20", "a b", "a\n"])
def test_what_is_no_name_is_refused_with_the_bounds(name: str) -> None:
    for request in (
        Request("GET", f"/t/{name}/api/logs"),
        *([Request("GET", "/api/logs", (("mock-tenant", name),))] if name else []),
    ):
        with pytest.raises(Refused, match=r"expected 1 to 21 of a-z, 0-9 and -") as caught:
            tenant_path(request)
        assert (caught.value.status, caught.value.code) == (400, "tenant.invalid_name")


def test_a_host_label_that_is_no_name_is_refused() -> None:
    with pytest.raises(Refused):
        tenant_path(Request("GET", "/api/logs", origin="http://a_b.localhost:1"))
