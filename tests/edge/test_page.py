"""The files of the console: which are served, with which headers, to whom; they need no other host."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from mockserver.edge import page
from mockserver.edge.app import create_app
from mockserver.edge.server import Server
from mockserver.mock.settings import Settings
from tests.support import node
from tests.support.links import LINK_HEADERS
from tests.support.wire import request

HERE = Path(page.__file__).parent
MODULES = sorted(HERE.glob("*.js"))


def client(**settings: object) -> FlaskClient:
    return create_app(Settings(logs="seeded", **settings)).test_client()  # type: ignore[arg-type]  # names and values of settings


@pytest.mark.parametrize("prefix", ["", "/t/acme"])
def test_every_tenant_has_the_console_below_admin(prefix: str) -> None:
    response = client().get(f"{prefix}/__admin/")
    assert (response.status_code, response.content_type) == (200, "text/html; charset=utf-8")
    for name in re.findall(r'(?:src|href)="page/([^"]+)"', response.text):
        assert client().get(f"{prefix}/__admin/page/{name}").status_code == 200


def test_the_address_without_its_last_slash_redirects() -> None:
    response = client().get("/__admin")
    assert (response.status_code, response.headers["Location"]) == (308, "http://localhost/__admin/")
    with Server(create_app(Settings(logs="seeded"))) as server:
        answer = request(server.port, "/__admin")
    assert (answer.status, answer.header("location")) == (308, f"http://127.0.0.1:{server.port}/__admin/")


@pytest.mark.parametrize("path", ["", "page/main.js", "page/style.css", "page/icon.svg", "page/nothing.js"])
def test_every_reply_has_a_strict_content_security_policy(path: str) -> None:
    headers = client().get(f"/__admin/{path}").headers
    assert headers["Content-Security-Policy"] == page.POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in headers


def test_the_policy_allows_only_files_of_the_same_origin() -> None:
    sources = dict(directive.split(" ", 1) for directive in page.POLICY.split("; "))
    assert sources.pop("require-trusted-types-for") == "'script'"
    assert set(sources.values()) == {"'none'", "'self'"}
    assert {name for name, value in sources.items() if value == "'self'"} == {
        "script-src", "style-src", "img-src", "connect-src",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["nothing.js", "__init__.py", "..%2F__init__.py", "%2e%2e/admin.py", "main.js/x"])
def test_other_files_are_not_served(name: str) -> None:
    assert client().get(f"/__admin/page/{name}").status_code == 404


def test_no_file_names_another_host() -> None:
    for path in HERE.iterdir():
        if path.suffix in page.TYPES:
            text = path.read_text().replace("http://www.w3.org/2000/svg", "")
            assert not re.search(r"https?:|//[a-z]+\.|@import", text), path.name
            assert path.suffix != ".css" or "url(" not in text


def test_the_scripts_are_small_modules_that_need_no_build() -> None:
    assert len(MODULES) > 10
    for path in MODULES:
        text = path.read_text()
        assert len(text.splitlines()) < 150, path.name
        assert max(map(len, text.splitlines())) <= 120, path.name
        assert text.startswith("// "), f"{path.name}: begin with a comment that says what the module does"
        assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|new Function", text), path.name
        for imported in re.findall(r'from "([^"]+)"', text):
            assert (HERE / imported).exists(), f"{path.name} imports {imported}"


def read_links(headers: str) -> list[dict[str, str]]:
    """What links.js reads of each header in an expression of JavaScript: the path of each relation."""
    module = base64.b64encode((HERE / "links.js").read_bytes()).decode()
    program = f"""
        import {{ readLinks }} from "data:text/javascript;base64,{module}";
        const paths = (links) => Object.entries(links).map(([name, url]) => [name, url.pathname]);
        const read = (header) => Object.fromEntries(paths(readLinks(header, "http://h/")));
        console.log(JSON.stringify({headers}.map(read)));
    """
    links: list[dict[str, str]] = json.loads(node.run_text(program))
    return links


def test_the_console_reads_the_same_links_as_the_server() -> None:
    assert read_links(json.dumps([header for header, _ in LINK_HEADERS])) == [links for _, links in LINK_HEADERS]


def test_a_header_that_is_missing_or_holds_no_url_has_no_links() -> None:
    assert read_links("""[null, "</a>; rel", "<http://[>; rel=next", '</a>; rel=""']""") == [{}] * 4


def test_of_several_relations_the_first_counts_and_of_several_links_the_last() -> None:
    assert read_links('["</a>; rel=prev; rel=next, </b>; rel=prev"]') == [{"prev": "/b"}]


def test_a_long_link_header_is_read_in_linear_time() -> None:
    """Node has a minute. A pattern that tries again at each character would need hours."""
    parts = r"""[" ", ";", "a", '"', "<", ",", "=", "\\"]"""
    assert read_links(f'{parts}.map((part) => "</a>; rel" + part.repeat(200_000))') == [{}] * 8
    assert read_links(r"""['</a>; rel="' + "\\a".repeat(200_000)]""") == [{}]
    assert read_links('["</a>; rel=next,".repeat(50_000)]') == [{"next": "/a"}]


def test_every_module_is_imported_by_another() -> None:
    imported = {name for path in MODULES for name in re.findall(r'from "\./([^"]+)"', path.read_text())}
    assert imported == {path.name for path in MODULES} - {"main.js"}


def test_the_console_is_refused_where_the_control_api_is_off() -> None:
    off = client(host="192.0.2.1").get("/__admin/")
    assert (off.status_code, off.json["code"]) == (403, "admin.off")
    rebound = client().get("/__admin/page/main.js", headers={"Host": "example.com"})
    assert (rebound.status_code, rebound.json["code"]) == (403, "admin.foreign_host")


def test_the_files_hold_no_secret_and_need_no_token() -> None:
    guarded = client(host="192.0.2.1", admin_token="hidden-token")
    response = guarded.get("/__admin/", headers={"Host": "mock.example.com"})
    assert response.status_code == 200
    assert "hidden-token" not in response.text
    assert guarded.get("/__admin/settings").status_code == 401


def test_a_link_on_another_site_opens_the_console_and_not_the_control_api() -> None:
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert client().get("/__admin/", headers=headers).status_code == 200
    assert client().get("/__admin/settings", headers=headers).status_code == 403
