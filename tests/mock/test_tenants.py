"""Tenants: named three ways, isolated, made at once, bounded in number."""

from __future__ import annotations

import gc
import weakref

import pytest

from mockserver.contract.document import contract
from mockserver.contract.errors import MockserverError, Refused
from mockserver.contract.jsontext import decode
from mockserver.faults.rule import read_rule
from mockserver.http.message import Request
from mockserver.logs.file import Seeded
from mockserver.logs.source import Opening
from mockserver.mock.settings import Settings
from mockserver.mock.tenants import DEFAULT, Setup, TenantPath, Tenants, tenant_path

SOURCE = Seeded().open(Opening(0.0))
LOG = {"key": "A", "payload": {"key": "A", "result": "Success"}}


def asked(target: str, origin: str = "http://127.0.0.1:3001", tenant: str | None = None) -> Request:
    return Request("GET", target, (("mock-tenant", tenant),) if tenant is not None else (), origin)


@pytest.mark.parametrize(
    ("request_", "found"),
    [
        (asked("/api/logs?page=1"), ("default", "", "/api/logs")),
        (asked("/t/acme/api/logs"), ("acme", "/t/acme", "/api/logs")),
        (asked("/t/acme"), ("acme", "/t/acme", "")),
        (asked("/api/logs", "http://acme.localhost:3001"), ("acme", "", "/api/logs")),
        (asked("/api/logs", "http://ACME.localhost"), ("acme", "", "/api/logs")),
        (asked("/api/logs", "http://a.b.localhost"), ("default", "", "/api/logs")),
        (asked("/api/logs", "http://localhost:3001"), ("default", "", "/api/logs")),
        (asked("/api/logs", "http://acme.example.com"), ("default", "", "/api/logs")),
        (asked("/api/logs", tenant="acme"), ("acme", "", "/api/logs")),
        (asked("/t/one/api/logs", "http://two.localhost", "three"), ("one", "/t/one", "/api/logs")),
        (asked("/api/logs", "http://two.localhost", "three"), ("two", "", "/api/logs")),
    ],
)
def test_path_label_and_header_name_a_tenant_in_that_order(request_: Request, found: tuple[str, str, str]) -> None:
    assert tenant_path(request_) == found


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
def test_a_request_is_for_the_tenant_of_its_path_else_of_its_host_else_of_its_header(
    target: str, origin: str, header: str | None, expected: TenantPath
) -> None:
    headers = () if header is None else (("mock-tenant", header),)
    assert tenant_path(Request("GET", target, headers, origin)) == expected


@pytest.mark.parametrize("name", ["A", "Acme", "a_b", "a.b", "ü", "", "x" * 22, "a%20", "a%20b", "a b", "a\n"])
def test_a_text_that_cannot_be_a_name_is_refused_with_the_bounds(name: str) -> None:
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


def test_tenants_share_nothing_but_the_source() -> None:
    tenants = Tenants(Setup(SOURCE, Settings(faults=("empty",))))
    one, two = tenants.get("one"), tenants.get("two")
    assert tenants.get("one") is one
    one.armed.arm(read_rule("hang"))
    one.journal.record(asked("/"), "/", 0.0, 200, ())
    one.add_logs([LOG], 0.0)
    assert (len(one.armed.rules), len(list(one.journal.entries())), len(one.store.added)) == (2, 1, 1)
    assert (len(two.armed.rules), len(list(two.journal.entries())), len(two.store.added)) == (1, 0, 0)
    one.reset()
    assert (len(one.armed.rules), len(list(one.journal.entries())), len(one.store.added)) == (1, 0, 0)


def test_added_logs_get_an_id_of_the_real_form_the_same_in_every_run() -> None:
    ids = [[decode(log)["id"] for log in Tenants(Setup(SOURCE)).get("a").add_logs([LOG, LOG], 0.0)] for _ in range(2)]
    assert ids[0] == ids[1]
    assert len({*ids[0], decode(Tenants(Setup(SOURCE)).get("b").add_logs([LOG], 0.0)[0])["id"]}) == 3
    assert all(len(each) == contract().longest_id and each.isalnum() for each in ids[0])


def test_logs_added_in_steps_get_the_ids_of_logs_added_at_once() -> None:
    at_once, stepped = (Tenants(Setup(SOURCE)).get("a") for _ in range(2))
    steps = list(stepped.add_in_steps([LOG] * 60, 0.0))
    assert [len(step) for step in steps] == [50, 10]
    assert [log for step in steps for log in step] == at_once.add_logs([LOG] * 60, 0.0)
    assert stepped.store.added == at_once.store.added


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"key": "A", "payload": None}, "logs[1].payload: found null, expected an object"),
        ({**LOG, "payload": {"key": "A", "result": "success"}}, "logs[1].payload.result: found 'success'"),
        ({**LOG, "id": "twice"}, "logs[1].id: found 'twice', which another log has"),
        ({**LOG, "tenantId": "other"}, "logs[1].tenantId: found 'other', expected 'a'"),
        ("text", "logs[1]: found no object, expected an object"),
    ],
)
def test_of_several_logs_with_a_bad_one_none_is_added(bad: object, message: str) -> None:
    tenant = Tenants(Setup(SOURCE)).get("a")
    with pytest.raises(MockserverError) as caught:
        tenant.add_logs([{**LOG, "id": "twice"}, bad], 0.0)
    assert message in str(caught.value)
    assert tenant.store.added == []


def test_one_bad_log_is_called_the_log() -> None:
    with pytest.raises(MockserverError, match=r"log\.payload\.result: found 'x'"):
        Tenants(Setup(SOURCE)).get("a").add_logs([{**LOG, "payload": {"key": "A", "result": "x"}}], 0.0)


def test_of_too_many_tenants_the_least_recently_used_goes_and_its_memory_with_it() -> None:
    tenants = Tenants(Setup(SOURCE), most=3)
    tenants.get(DEFAULT)
    gone = weakref.ref(tenants.get("a"))
    for name in ("b", "c"):
        tenants.get(name)
    assert tenants.names == [DEFAULT, "b", "c"]
    gc.collect()
    assert gone() is None
    tenants.get("b")
    tenants.get("d")
    assert tenants.names == [DEFAULT, "b", "d"]


def test_a_tenant_begun_is_fresh_and_has_its_own_plan_until_it_is_dropped() -> None:
    tenants = Tenants(Setup(SOURCE, Settings(faults=("empty",))), most=2)
    old = tenants.get("a")
    old.add_logs([LOG], 0.0)
    begun = tenants.begin("a", Setup(SOURCE, Settings(faults=("hang",))))
    assert tenants.get("a") is begun
    assert (begun.store.added, [each.rule.text for each in begun.armed.rules]) == ([], ["hang"])
    tenants.drop("a")
    tenants.drop("a")
    assert tenants.names == []
    assert [each.rule.text for each in tenants.get("a").armed.rules] == ["empty"]


def test_journals_that_take_too_much_together_are_emptied_the_least_recently_used_first() -> None:
    tenants = Tenants(Setup(SOURCE), most=3, most_journaled=2100)

    def count(name: str) -> int:
        return len(list(tenants.get(name).journal.entries()))

    for name in ("a", "b", "a", "a"):
        tenants.get(name).journal.record(asked("/" + "x" * 50), "/", 0.0, 200, ())
    assert (count("b"), count("a")) == (1, 3)
    tenants.get("b").journal.record(asked("/"), "/", 0.0, 200, ())
    tenants.get("b")
    assert (count("b"), count("a")) == (2, 0)


def test_a_tenant_that_goes_leaves_its_room_to_the_others() -> None:
    tenants = Tenants(Setup(SOURCE), most_journaled=1500)
    for name in ("a", "b", "c", "d"):
        tenants.get("kept").journal.record(asked("/"), "/", 0.0, 200, ())
        tenants.get(name).journal.record(asked("/"), "/", 0.0, 200, ())
        tenants.get("kept").journal.clear()
        tenants.drop(name)
    tenants.get("kept").journal.record(asked("/"), "/", 0.0, 200, ())
    assert len(list(tenants.get("kept").journal.entries())) == 1


def test_a_renewed_source_is_for_those_who_have_the_old_one() -> None:
    """A tenant that has logs of its own keeps them until it is reset; one that began with its own has them for ever."""
    tenants = Tenants(Setup(SOURCE))
    other, newer = (Seeded().open(Opening(0.0)) for _ in range(2))
    plain, changed = tenants.get("plain"), tenants.get("changed")
    tenants.change(changed, Setup(other))
    begun = tenants.begin("begun", Setup(other))
    assert list(tenants.renew(newer)) == [None] * 3
    assert [tenant.setup.source for tenant in (plain, changed, begun)] == [newer, other, other]
    for tenant in (plain, changed, begun):
        tenant.reset()
    assert [tenant.setup.source for tenant in (plain, changed, begun)] == [newer, newer, other]
    assert tenants.get("later").setup.source is newer
