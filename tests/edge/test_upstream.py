"""The deployment behind ``serve --upstream``: its keys, its certificate, and what is its own."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from mockserver.contract.errors import MockserverError
from mockserver.edge import forwarding
from mockserver.edge.app import create_app
from mockserver.edge.certificate import AUTHORITY, SERVER, own_certificate, tls_context
from mockserver.edge.front import open_front
from mockserver.edge.server import Server
from mockserver.edge.upstream import Upstream
from mockserver.judge.route import logs_address
from mockserver.mock import tokens
from mockserver.mock.settings import Settings
from tests.support.proxied import beside_front, deployment, head_from, proxied
from tests.support.wire import request, until

KEYS = {"EC": ECKey.generate_key("P-384", {"kid": "ec"}), "RSA": RSAKey.generate_key(2048, {"kid": "rsa"})}
ALGORITHMS = {"EC": "ES384", "RSA": "RS256"}
ISSUER = "https://auth.example.com/oidc"
RESOURCE = "https://default.logto.app/api"


def token(key: str = "EC", **changes: object) -> list[tuple[str, str]]:
    """The header with a token as a deployment signs it."""
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": RESOURCE, "sub": "m2m", "scope": "all", "iat": now, "exp": now + 60, **changes}
    header = {"alg": ALGORITHMS[key], "kid": KEYS[key].kid, "typ": "at+jwt"}
    return [("Authorization", f"Bearer {jwt.encode(header, claims, KEYS[key], algorithms=list(ALGORITHMS.values()))}")]


def logto(keys: object):
    """What answers as a deployment that publishes these keys, and has its own pages."""

    def act(client):
        path = head_from(client).split(b" ")[1].decode()
        if path == "/oidc/.well-known/openid-configuration":
            body = json.dumps({"issuer": ISSUER, "jwks_uri": "unused"})
        elif path == "/oidc/jwks":
            body = keys if isinstance(keys, str) else json.dumps(keys)
        else:
            body = f"the deployment's {path}"
        client.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode())

    return act


PUBLISHED = {
    "keys": [{**key.as_dict(private=False), "use": "sig"} for key in KEYS.values()]
    + [{"kty": "oct", "kid": "x"}, ECKey.generate_key("P-256", {"kid": "short"}).as_dict(private=False)]
}


@pytest.fixture(scope="module")
def beside() -> Iterator[Server]:
    with deployment(logto(PUBLISHED)) as url, Server(beside_front(url, logs="seeded")) as server:
        yield server


def test_logs_are_the_mocks_and_every_other_path_is_the_deployments(beside):
    answer = request(beside.port, "/api/logs?page_size=2", [("Authorization", "Bearer dev-token")])
    assert answer.status == 200
    assert answer.links()["next"].startswith(f"http://127.0.0.1:{beside.port}/api/logs?")
    log_id = answer.json()[0]["id"]
    assert request(beside.port, f"/api/logs/{log_id}", [("Authorization", "Bearer dev-token")]).json()["id"] == log_id
    assert request(beside.port, "/api/users?page=1").body == b"the deployment's /api/users?page=1"
    assert request(beside.port, "/t/acme/api/users").body == b"the deployment's /api/users"
    assert request(beside.port, "/oidc/token").body == b"the deployment's /oidc/token"
    assert request(beside.port, "/__admin/health").status == 200
    assert request(beside.port, "/__admin/verdict").status == 404
    assert request(beside.port, "/openapi.json").json()["paths"]


@pytest.mark.parametrize("key", KEYS)
def test_a_token_that_the_deployments_keys_verify_is_accepted(beside, key):
    assert request(beside.port, "/api/logs", token(key)).status == 200


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"scope": "none"}, 403),
        ({"exp": 1}, 401),
        ({"aud": "https://other.example.com"}, 401),
        ({"aud": ISSUER}, 401),
        ({"iss": RESOURCE}, 401),
        ({"iss": "https://other.example.com/oidc"}, 401),
    ],
)
def test_a_token_of_the_deployment_is_checked_as_any_other(beside, changes, status):
    assert request(beside.port, "/api/logs", token(**changes)).status == status


def test_a_token_of_nobodys_key_and_one_under_anothers_name_are_refused(beside):
    stranger = ECKey.generate_key("P-384", {"kid": "ec"})
    claims = {"iss": ISSUER, "aud": RESOURCE, "sub": "m2m", "scope": "all"}
    for header in ({"alg": "ES384", "kid": "ec"}, {"alg": "ES384", "kid": "unknown"}):
        forged = jwt.encode(header, claims, stranger, algorithms=["ES384"])
        assert request(beside.port, "/api/logs", [("Authorization", f"Bearer {forged}")]).status == 401
    wrong = jwt.encode({"alg": "ES384", "kid": "rsa"}, claims, stranger, algorithms=["ES384"])
    assert request(beside.port, "/api/logs", [("Authorization", f"Bearer {wrong}")]).status == 401


@pytest.mark.parametrize("keys", ["no json", {"keys": [{"kty": "EC", "kid": "ec"}]}, {"keys": 7}, "x" * 300_000])
def test_a_deployment_without_keys_is_one_clear_line_and_is_not_asked_again_at_once(keys):
    noted = []

    def note(entry, size):
        noted.append((entry.request.target, entry.status, size))

    with deployment(logto(keys)) as url, Server(beside_front(url, logs="seeded"), note=note) as server:
        first, second = (request(server.port, "/api/logs", token()) for _ in range(2))
        server.call(list)  # both are done with
        assert noted == [("/api/logs", answer.status, len(answer.body)) for answer in (first, second)]
        assert (first.status, first.json()["code"]) == (502, "upstream.keys")
        assert second.status == 401
        assert request(server.port, "/api/logs", [("Authorization", "Bearer dev-token")]).status == 200


@pytest.mark.parametrize("tenant", ["", "/t/acme"])
def test_a_token_of_a_deployment_that_is_a_mock_is_accepted_by_its_key_and_name(tenant):
    """Both sign with the published test key, so that the name of the issuer alone tells them apart."""
    form = {"grant_type": "client_credentials", "client_id": "mock-app", "client_secret": "mock-secret"}
    form |= {"resource": RESOURCE}

    def granted(scope: str) -> str:
        body = urlencode({**form, "scope": scope}).encode()
        head = [("Content-Type", "application/x-www-form-urlencoded"), ("Content-Length", str(len(body)))]
        return str(request(beside.port, "/oidc/token", head, "POST", body=body).json()["access_token"])

    def asked(value: str) -> int:
        return request(beside.port, "/api/logs", [("Authorization", f"Bearer {value}")]).status

    with (
        Server(open_front(Settings(logs="seeded"))) as upstream,
        Server(beside_front(f"http://127.0.0.1:{upstream.port}{tenant}", logs="seeded")) as beside,
    ):
        good = granted("all")
        assert (asked(good), asked(granted(""))) == (200, 403)
        assert asked(tokens.tamper(good, "payload")) == asked(tokens.tamper(good, "signature")) == 401
        claims = tokens.claims("mock-app", "all", time.time(), RESOURCE, "https://other.example.com/oidc")
        assert asked(tokens.mint(claims)) == 401


def test_a_token_of_the_mocks_own_needs_no_deployment_that_answers():
    def asked(issuer: str) -> int:
        value = tokens.mint(tokens.claims("mock-app", "all", time.time(), RESOURCE, issuer))
        return request(server.port, "/api/logs", [("Authorization", f"Bearer {value}")]).status

    with deployment(logto("no json")) as url, Server(beside_front(url, logs="seeded")) as server:
        assert asked(f"http://localhost:{server.port}/oidc") == asked(tokens.ISSUER) == 200
        assert asked("https://other.example.com/oidc") == 401


def test_requests_that_come_together_wait_for_the_same_keys():
    """A console sends several at once when it opens: none of them may be refused for want of the keys."""
    asked, together = [], threading.Barrier(4)

    def act(client):
        path = head_from(client).split(b" ")[1]
        asked.append(path)
        if path.endswith(b"configuration"):
            together.wait(10)
        body = json.dumps({"issuer": ISSUER, **PUBLISHED})
        client.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())

    def ask(port, statuses):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
            client.sendall(f"GET /api/logs HTTP/1.1\r\nHost: localhost\r\n{': '.join(token()[0])}\r\n\r\n".encode())
            until(lambda: asked)
            together.wait(10)
            statuses.append(client.recv(12))

    statuses: list[bytes] = []
    with deployment(act) as url, Server(beside_front(url, logs="seeded")) as server:
        threads = [threading.Thread(target=ask, args=(server.port, statuses)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert statuses == [b"HTTP/1.1 200"] * 3
    assert len(asked) == 2


def test_keys_are_asked_for_without_a_body():
    heads = []

    def act(client):
        heads.append(head_from(client).lower())

    with deployment(act) as url, Server(beside_front(url, logs="seeded")) as server:
        assert request(server.port, "/api/logs", token()).status == 502
    assert [b"content-length" in head or b"transfer-encoding" in head for head in heads] == [False]


def test_keys_that_are_new_are_found(monkeypatch):
    monkeypatch.setattr(forwarding, "_KEYS_AGAIN", 0.0)
    published = {"keys": PUBLISHED["keys"][:1]}
    with deployment(logto(published)) as url, Server(beside_front(url, logs="seeded")) as server:
        assert request(server.port, "/api/logs", token("EC")).status == 200
        assert request(server.port, "/api/logs", token("RSA")).status == 401
        published["keys"] = PUBLISHED["keys"]
        assert request(server.port, "/api/logs", token("RSA")).status == 200


def test_a_certificate_that_nobody_trusts_is_refused_and_a_trusted_one_taken(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    folder = own_certificate()
    with Server(create_app(Settings()), tls=tls_context(folder / SERVER, None)) as real:
        url = real.url.replace("127.0.0.1", "localhost")
        with proxied(url) as proxy:
            answer = request(proxy.port, "/api/logs", [("Authorization", "Bearer dev-token")])
            assert answer.status == 502
            assert "see --ca-file" in answer.json()["message"]
        monkeypatch.setenv("SSL_CERT_FILE", str(folder / AUTHORITY))
        assert ssl.create_default_context().cert_store_stats()["x509_ca"] == 1
        with proxied(url) as proxy:
            answer = request(proxy.port, "/api/logs?page_size=1", [("Authorization", "Bearer dev-token")])
            assert answer.status == 200
            assert answer.links()["next"].startswith(f"http://127.0.0.1:{proxy.port}/api/logs?")


@pytest.mark.parametrize("text", ["", "ftp://x", "localhost:3001", "https://user:pass@x.example.com"])
def test_what_is_no_url_is_no_deployment(text):
    with pytest.raises(MockserverError):
        Upstream(logs_address(text))


def test_a_base_path_of_the_deployment_is_kept_in_front():
    def act(client):
        body = head_from(client).split(b" ")[1]
        client.sendall(b"HTTP/1.1 200 OK\r\nLocation: %b/base/next\r\n" % url.encode())
        client.sendall(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    with deployment(act) as url, proxied(url + "/base/") as proxy:
        answer = request(proxy.port, "/x?y")
        assert answer.body == b"/base/x?y"
        assert answer.header("location") == f"http://127.0.0.1:{proxy.port}/next"
