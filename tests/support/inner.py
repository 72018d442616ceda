"""Inner runs: a test runs pytest over tests of its own, which may ``ask`` a mock."""

from __future__ import annotations

from importlib import import_module

import pytest

# At its end an inner run removes from the interpreter every module that it was the first to import, and some libraries
# cannot be imported twice. So the modules that are imported on first use are imported here, before any inner run.
LAZY = (
    "httpcore", "httpx", "joserfc.jwk", "joserfc.jws", "mockserver.cli.check", "mockserver.judge.passive",
    "mockserver.testing.deployment", "mockserver.testing.verdicts", "mockserver.logs.edges",
    "mockserver.logs.traffic.provider", "requests",
)  # fmt: skip
IMPORTED = [import_module(name) for name in LAZY]

ASK = """
    import http.client, json
    from urllib.parse import urlsplit
    import pytest

    def ask(mock, query=""):
        parts = urlsplit(mock.url)
        client = http.client.HTTPConnection(parts.netloc)
        client.request("GET", f"{parts.path}/api/logs{query}", headers={"Authorization": f"Bearer {mock.token}"})
        answer = client.getresponse()
        body = answer.read()
        client.close()
        return answer.status, json.loads(body)
"""


def run(pytester: pytest.Pytester, tests: str, *arguments: str) -> pytest.RunResult:
    """Runs pytest over these tests, which may ``ask`` a mock."""
    pytester.makepyfile(conftest_ask=ASK)
    pytester.makepyfile("from conftest_ask import ask\nimport pytest\n" + tests)
    return pytester.runpytest("-p", "no:cacheprovider", "-rs", *arguments)
