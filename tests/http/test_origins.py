"""What begins Link: the Host as 1.36 and 1.42 read it, which Node's URL reader and Koa decide."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest

from mockserver.contract.profile import DOCUMENTED, profile
from mockserver.http.message import Request
from mockserver.http.origins import link_origin

OBSERVED, NEWER = profile("observed"), profile("observed-1.42")

# A Host, and the authority of its URL as Node 22 reads it (None: no URL), after what Koa 3.2.1 does with commas and @.
HOSTS: dict[str, str | None] = {
    "localhost": "localhost",
    "LOCALHOST:80": "localhost",
    "localhost:0080": "localhost",
    "h:": "h",
    "h:0": "h:0",
    "h:65535": "h:65535",
    "h:65536": None,
    "h:99999": None,
    "h:8a": None,
    "h:-1": None,
    "a:b:c": None,
    "u:p@host": "host",
    "a@b@c": "c",
    "a/b": "a",
    "a?b": "a",
    "a#b": "a",
    "a\\b": "a",
    "a,b": "a",
    "a , b": "a",
    "a\tb": "ab",
    "a b": None,
    "a<b": None,
    "a|b": None,
    "a^b": None,
    "a%b": None,
    "%41b": "ab",
    "a%20b": None,
    "a_b": "a_b",
    "a*b": "a*b",
    "a..b": "a..b",
    "": "api",
    "//x": "x",
    "127.1": "127.0.0.1",
    "0x7f.1": "127.0.0.1",
    "1.2.3": "1.2.0.3",
    "1.2.3.4.": "1.2.3.4",
    "1.2.3.4.5": None,
    "256.1.1.1": None,
    "08.1": None,
    "010.1": "8.0.0.1",
    "0.0": "0.0.0.0",
    "1.0x": "1.0.0.0",
    "4294967295": "255.255.255.255",
    "4294967296": None,
    "foo.09": None,
    "foo.0x1": None,
    "[::1]:3001": "[::1]:3001",
    "[0:0:0:0:0:0:0:1]": "[::1]",
    "[1::0:0:2]": "[1::2]",
    "[::ffff:1.2.3.4]": "[::ffff:102:304]",
    "[::1": None,
    "[x]": None,
    "::1": None,
    "xn--mnchen-3ya.example": "xn--mnchen-3ya.example",
    "xn--\x7f": None,
}
# What Koa 3 takes for an empty Host: it reads a Host with a user by itself first.
EMPTY = {"u@": "api", "u@a b": "api"}


def asked(host: str | None, scheme: str = "http", absolute: bool = False) -> Request:
    headers = () if host is None else (("host", host),)
    return Request("GET", "/api/logs?page=1", headers, f"{scheme}://{host or '192.0.2.1:3001'}", absolute)


@pytest.mark.parametrize(("host", "authority"), HOSTS.items())
def test_a_host_is_kept_or_read_as_a_url_or_breaks_the_list(host: str, authority: str | None) -> None:
    kept = host.partition(",")[0].rstrip()
    assert link_origin(asked(host), OBSERVED) == (None if authority is None else f"http://{kept}")
    assert link_origin(asked(host), NEWER) == (None if authority is None else f"http://{authority}")
    assert link_origin(asked(host), DOCUMENTED) == asked(host).origin


@pytest.mark.parametrize("host", EMPTY)
def test_a_user_before_no_host_is_an_empty_host_to_1_42(host: str) -> None:
    assert link_origin(asked(host), OBSERVED) is None
    assert link_origin(asked(host), NEWER) == f"http://{EMPTY[host]}"


def test_letters_beyond_ascii_make_no_url() -> None:
    host = "\xc3\xbcn\xc3\xaf.example"
    assert [link_origin(asked(host), how) for how in (OBSERVED, NEWER)] == [None, None]


def test_a_target_with_a_host_in_it_is_appended_to_the_host_and_makes_no_port() -> None:
    assert [link_origin(asked("h:80", absolute=True), how) for how in (OBSERVED, NEWER)] == [None, None]
    assert link_origin(asked("h", absolute=True), NEWER) == "http://hhttp"


def test_the_default_port_is_that_of_the_scheme() -> None:
    assert link_origin(asked("h:443", "https"), NEWER) == "https://h"
    assert link_origin(asked("h:80", "https"), NEWER) == "https://h:80"


def test_without_a_host_the_origin_of_the_connection_counts() -> None:
    assert link_origin(asked(None), OBSERVED) == link_origin(asked(None), NEWER) == "http://192.0.2.1:3001"


@pytest.mark.skipif(shutil.which("node") is None, reason="the table above says what Node says")
def test_node_agrees_on_the_table() -> None:
    program = """
        const hosts = JSON.parse(require('fs').readFileSync(0));
        const url = (text) => { try { return new URL(text).host } catch { return null } };
        const koa = (host) => host.includes('@') ? url(`http://${host}`) ?? '' : host;
        const read = (host) => url(`http://${koa(host.split(',')[0].trimEnd())}/api/logs?page=1`);
        console.log(JSON.stringify(hosts.map(read)));
    """
    hosts = HOSTS | EMPTY
    done = subprocess.run(
        ["node", "-e", program], input=json.dumps([*hosts]), capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == [*hosts.values()]
