"""A command run in this process, and a deployment for it to judge."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from mockserver.cli import main
from tests.support.deployment import Deployment, serving

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs one command: returns its exit code, its output and its errors."""

    def command(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        code = ended.value.code
        assert isinstance(code, int)
        return code, *capsys.readouterr()

    return command


@pytest.fixture
def deployment() -> Deployment:
    return Deployment()


@pytest.fixture
def url(deployment: Deployment) -> Iterator[str]:
    with serving(deployment) as found:
        yield found
