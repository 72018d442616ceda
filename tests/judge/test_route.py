"""Routes: proxies and authorities, given or of the environment, lead to a target and to its token endpoint alike."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from mockserver.contract.errors import MockserverError
from mockserver.judge.connection import Connection
from mockserver.judge.credentials import Client
from mockserver.judge.route import ENVIRONMENT, Address, NetworkRoute, address, logs_address
from mockserver.judge.run import Judge
from mockserver.judge.secrets import Secrets
from tests.support.deployment import Deployment, serving
from tests.support.judging import case
from tests.support.proxy import proxying

ACCOUNT = "Basic " + base64.b64encode(b"joe:open sesame").decode()


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that names no proxy and no authority."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "ssl_cert_file", "requests_ca_bundle"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an authority, and a client's certificate by it; ``server.pem`` is for 127.0.0.1."""
    folder, authority = tmp_path_factory.mktemp("tls"), trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    authority.issue_cert("ci@example.com").private_key_and_cert_chain_pem.write_to_path(folder / "client.pem")
    return folder


@contextmanager
def secure(files: Path, demands: bool = False) -> Iterator[str]:
    """A deployment over TLS, which may demand a client's certificate."""
    settings = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=files / "ca.pem")
    settings.verify_mode = ssl.CERT_REQUIRED if demands else ssl.CERT_NONE
    settings.load_cert_chain(files / "server.pem")
    with serving(Deployment(), settings) as url:
        yield url


def proxy_of(url: str, route: NetworkRoute = ENVIRONMENT) -> Address | None:
    target = address(url, route)
    return target.route.through(target)


def said(url: str, route: NetworkRoute = ENVIRONMENT) -> str:
    """What comes of one request without a token: the status 401 if the deployment is reached."""
    connection = Connection(logs_address(url, route), 10.0, lambda: 0.0)
    answer = connection.send("GET", "/api/logs", [])
    connection.close()
    return answer.lost or str(answer.status)


def test_a_whole_run_and_its_token_go_through_the_proxy(files: Path) -> None:
    with secure(files) as url, proxying() as proxy:
        route = NetworkRoute(proxy.url.replace("//", "//joe:open%20sesame@"), str(files / "ca.pem"))
        client = Client("me", "hush", address(f"{url}/oidc/token", route), "https://api.example.com")
        verdict = Judge(
            case(url, "quick", address=logs_address(url, route), token=None, client=client), Secrets()
        ).run()
    assert verdict.exit_code == 0
    assert set(proxy.lines) == {f"CONNECT {url.removeprefix('https://')}"}
    assert set(proxy.accounts) == {ACCOUNT}


def test_a_plain_target_is_named_to_the_proxy_with_the_whole_url() -> None:
    with serving(deployment := Deployment()) as url, proxying() as proxy:
        assert said(url, NetworkRoute(proxy.url.replace("//", "//joe:open%20sesame@"))) == "401"
    assert (proxy.lines, proxy.accounts) == ([f"GET {url}/api/logs"], [ACCOUNT])
    assert deployment.asked[0].headers["host"] == url.removeprefix("http://")


@pytest.mark.parametrize(
    ("variable", "no_proxy", "option", "proxied"),
    [
        ("HTTP_PROXY", "", None, True),
        ("http_proxy", "", None, True),
        ("ALL_PROXY", "", None, True),
        ("HTTPS_PROXY", "", None, False),
        ("HTTP_PROXY", "127.0.0.1", None, False),
        ("HTTP_PROXY", "10.0.0.0/8, 127.0.0.0/8", None, False),
        ("HTTP_PROXY", "example.com", None, True),
        ("HTTP_PROXY", "*", None, False),
        ("HTTP_PROXY", "", "", False),
        ("HTTPS_PROXY", "127.0.0.1", "given", True),
    ],
)
def test_the_environment_names_proxies_and_an_option_wins(
    variable: str, no_proxy: str, option: str | None, proxied: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(Deployment()) as url, proxying() as proxy:
        monkeypatch.setenv(variable, proxy.url.removeprefix("http://"))
        monkeypatch.setenv("NO_PROXY", no_proxy)
        assert said(url, NetworkRoute(proxy.url if option == "given" else option)) == "401"
    assert bool(proxy.lines) is proxied


@pytest.mark.parametrize(("suffix", "proxied"), [("", False), (",example.com", False), (".example.com", True)])
def test_no_proxy_holds_for_domains(suffix: str, proxied: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.com:3128")
    monkeypatch.setenv("NO_PROXY", f".logto.app{suffix}")
    assert bool(proxy_of("https://my-tenant.logto.app")) is proxied


def test_a_proxy_of_the_environment_elsewhere_is_not_asked_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example.com:3128")
    assert proxy_of("http://localhost:3001") is None
    address("http://localhost:3001").refuse_plain(insecure_http=False)
    with pytest.raises(MockserverError, match="plain http beyond this machine"):
        address("http://localhost:3001", NetworkRoute("http://proxy.example.com:3128")).refuse_plain(
            insecure_http=False
        )


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("socks5://joe:sesame@127.0.0.1:1", "proxy: found one of socks5, expected an HTTP proxy"),
        ("http://joe:sesame@", "proxy: found 'http://', expected a URL"),
        ("joe:sesame@proxy:port", "proxy: found 'http://proxy:port', expected a URL"),
    ],
)
def test_what_is_no_proxy_is_refused_without_its_password(url: str, complaint: str) -> None:
    with pytest.raises(MockserverError, match=complaint) as caught:
        NetworkRoute(url)
    assert "sesame" not in str(caught.value)
    assert "sesame" not in repr(proxy_of("http://localhost", NetworkRoute("http://joe:sesame@localhost")))


@pytest.mark.parametrize(
    ("scheme", "status", "words"),
    [
        ("http", 407, "status 407 (name and password belong into its URL: http://NAME:PASSWORD@HOST) at the proxy "),
        ("https", 407, "status 407 (name and password belong into its URL: http://NAME:PASSWORD@HOST) at the proxy "),
        ("https", 403, "status 403 at the proxy "),
    ],
)
def test_a_proxy_that_refuses_is_told(scheme: str, status: int, words: str) -> None:
    with proxying(refusal=status) as proxy:
        assert said(f"{scheme}://127.0.0.1:1", NetworkRoute(proxy.url)) == words + proxy.url.removeprefix("http://")


def test_a_proxy_that_nobody_runs_is_told_with_its_place() -> None:
    route = NetworkRoute("http://joe:sesame@127.0.0.1:1")
    assert said("https://my-tenant.logto.app", route) == "a refused connection at the proxy 127.0.0.1:1"


def test_a_proxy_that_speaks_no_http_is_told() -> None:
    from tests.judge.test_connection import speaking

    with speaking(b"SSH-2.0-OpenSSH\r\n\r\n") as proxy:
        told = said("https://my-tenant.logto.app", NetworkRoute(proxy))
    assert told == f"bytes that are no HTTP at the proxy {proxy.removeprefix('http://')}"


def test_an_internationalised_host_is_asked_by_its_name_on_the_wire() -> None:
    """IDNA 2008 as browsers apply it: IDNA 2003 would ask ``strasse.example``."""
    assert address("https://Straße.example:8443").authority == "xn--strae-oqa.example:8443"
    with serving(deployment := Deployment()) as url, proxying(**{"xn--bcher-kva.example": "127.0.0.1"}) as proxy:
        assert said(url.replace("127.0.0.1", "bücher.example"), NetworkRoute(proxy.url)) == "401"
    assert deployment.asked[0].headers["host"] == url.replace("http://127.0.0.1", "xn--bcher-kva.example")
    assert address("http://my_service:3001").host == "my_service"


@pytest.mark.parametrize("how", ["option", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "both"])
def test_an_authority_is_trusted_wherever_it_is_named(
    how: str, files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    route = ENVIRONMENT
    if how == "option":
        monkeypatch.setenv("SSL_CERT_FILE", "no-such-file")
        route = NetworkRoute(ca_file=str(files / "ca.pem"))
    else:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE" if how == "both" else how, str(files / "ca.pem"))
    if how == "both":
        trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "other.pem"))
    with secure(files) as url:
        assert said(url, route) == "401"


def test_a_certificate_by_nobody_known_says_how_to_trust_it(files: Path) -> None:
    with secure(files) as url:
        told = said(url)
    assert told.startswith("a TLS failure (")
    assert told.endswith("; see --ca-file, SSL_CERT_FILE, REQUESTS_CA_BUNDLE)")


def test_a_folder_takes_the_place_of_the_authorities_of_the_system(tmp_path: Path) -> None:
    assert NetworkRoute(ca_file=str(tmp_path)).context().cert_store_stats()["x509_ca"] == 0
    assert NetworkRoute().context() is NetworkRoute().context()


def test_a_certificate_for_another_name_says_so(files: Path) -> None:
    with secure(files) as url:
        told = said(url.replace("127.0.0.1", "localhost"), NetworkRoute(ca_file=str(files / "ca.pem")))
    assert "Hostname mismatch" in told


def test_a_deployment_that_demands_a_certificate_gets_it(files: Path) -> None:
    authority, certificate = str(files / "ca.pem"), str(files / "client.pem")
    with secure(files, demands=True) as url:
        assert said(url, NetworkRoute(ca_file=authority, client_cert=certificate)) == "401"
        assert said(url, NetworkRoute(ca_file=authority)) in (
            "a TLS failure (TLSV13_ALERT_CERTIFICATE_REQUIRED; see --client-cert)",
            "a TLS failure (closed; see --client-cert)",
            "a reset connection",
        )


@pytest.mark.parametrize(
    ("option", "name", "found"),
    [
        ("ca_file", "absent.pem", "no such file or directory"),
        ("ca_file", "text.pem", "no PEM, or an encrypted one"),
        ("client_cert", "absent.pem", "no such file or directory"),
        ("client_cert", "text.pem", "no PEM, or an encrypted one"),
        ("client_cert", "encrypted.pem", "no PEM, or an encrypted one"),
    ],
)
def test_files_that_are_no_certificates_are_refused(option: str, name: str, found: str, tmp_path: Path) -> None:
    (tmp_path / "text.pem").write_text("no certificate")
    (tmp_path / "encrypted.pem").write_bytes(encrypted())
    with pytest.raises(MockserverError) as caught:
        NetworkRoute(**{option: str(tmp_path / name)})
    said = f"{tmp_path / name}: found {found}, expected a file in PEM; see --{option.replace('_', '-')}"
    assert str(caught.value).startswith(said)


def encrypted() -> bytes:
    """A client's key under a password, and its certificate."""
    from cryptography.hazmat.primitives import serialization

    issued = trustme.CA().issue_cert("ci@example.com")
    key = serialization.load_pem_private_key(issued.private_key_pem.bytes(), None)
    form = serialization.BestAvailableEncryption(b"open sesame")
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, form)
    return pem + issued.cert_chain_pems[0].bytes()


@pytest.mark.parametrize("read", [address, logs_address])
@pytest.mark.parametrize("text", ["nonsense", "ftp://a.example", "http://a.example:99999", "http://a.example/?x=1"])
def test_what_is_no_url_of_a_server_is_told_with_its_place_and_an_example(
    read: Callable[[str], Address], text: str
) -> None:
    with pytest.raises(MockserverError) as caught:
        read(text)
    example = "a URL such as http://localhost:3001 or https://my-tenant.logto.app"
    assert str(caught.value) == f"target: found {text!r}, expected {example}"


def test_the_account_of_a_proxy_is_in_no_text_of_a_route() -> None:
    assert "secret" not in f"{NetworkRoute(proxy='http://me:secret@proxy.example')!r}"
