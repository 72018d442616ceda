"""``docs/languages.md``: curl makes the calls of Java and Go, and Testcontainers names what the image has."""

from __future__ import annotations

import json
import re
import subprocess

import pytest

from mockserver.contract.published import ADMIN_TOKEN
from tests.house.test_container import DOCKERFILE
from tests.house.test_docs import blocks
from tests.support import docs
from tests.support.tools import tool
from tests.support.wire import request

TEXT = docs.DOCUMENTS["languages"].read_text()
CALL = r'call\((?:t, )?(?:mock|url), "([A-Z]+)", "([^"]+)", (?:"((?:[^"\\]|\\.)*)"|`([^`]*)`)\)'


def calls(language: str) -> list[tuple[str, str, str]]:
    """Returns method, path and body of each call in a language."""
    found = [call for block in blocks("languages", language) for call in re.findall(CALL, block)]
    return [(method, path, java.replace('\\"', '"') or go) for method, path, java, go in found]


def test_java_and_go_make_the_same_five_calls() -> None:
    assert calls("java") == calls("go")
    assert [path for _, path, _ in calls("go")] == ["tenants", "logs", "faults", "advance", "requests/verify"]


@pytest.mark.parametrize("language", ["java", "go"])
def test_each_call_does_what_the_test_needs(language: str, documented_port: int) -> None:
    """curl makes them; before the last one, the code under test meets the two faults."""
    base = f"http://127.0.0.1:{documented_port}"
    for method, path, body in calls(language):
        if path == "requests/verify":
            prefix = base.removeprefix(f"http://127.0.0.1:{documented_port}")
            bearer = [("Authorization", "Bearer dev-token")]
            answers = [request(documented_port, f"{prefix}/api/logs", headers=bearer).status for _ in range(3)]
            assert answers == [503, 503, 200]
        command = [tool("curl"), "-sS", "--fail-with-body", "-X", method, "-H", "Content-Type: application/json"]
        done = subprocess.run(
            [*command, "-d", body, f"{base}/__admin/{path}"], capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stdout
        if path == "tenants":
            base = json.loads(done.stdout)["url"]


def test_testcontainers_uses_the_port_the_health_command_and_the_token_of_the_image() -> None:
    ports = set(re.findall(r"^EXPOSE (\d+)$", DOCKERFILE, re.MULTILINE))
    named = re.findall(r'(?:ExposedPorts|getMappedPort)\((\d+)\)|"(\d+)/tcp"', TEXT)
    assert {port for pair in named for port in pair if port} == ports
    health = re.search(r"^HEALTHCHECK .*CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)
    assert health is not None
    waited = re.findall(r"ForExec\(\[\]string\{(.*?)\}\)", TEXT)
    assert [json.loads(f"[{words}]") for words in waited] == [json.loads(health[1])]
    assert f'ADMIN_TOKEN = "{ADMIN_TOKEN}"' in TEXT
