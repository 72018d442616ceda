"""What the effects of options are looked at with; ``effect`` registers what looks at which."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from mockserver.edge.server import Server
from tests.support.deployment import Asked, Deployment, serving
from tests.support.samples import some_logs
from tests.support.wire import request

Run = Callable[..., tuple[int, str, str]]
TOKEN = [("Authorization", "Bearer dev-token")]
Ask = Callable[..., Any]
# What looks at the effect of an option, by command and parameter: a function, or the id of a test elsewhere.
EFFECTS: dict[str, Callable[[World], None] | str] = {}


def effect(*names: str) -> Callable[[Callable[[World], None]], Callable[[World], None]]:
    """Registers a function that looks at the effects of these options."""

    def register(look: Callable[[World], None]) -> Callable[[World], None]:
        EFFECTS.update(dict.fromkeys(names, look))
        return look

    return register


class World:
    """What the effect of an option is looked at with."""

    def __init__(self, run: Run, patch: pytest.MonkeyPatch, tmp: Path, files: Path) -> None:
        self.run = run
        self.patch = patch
        self.tmp = tmp
        self.files = files

    def served(
        self, *arguments: str, act: Callable[[Server, Any], Any], code: int = 0, command: Sequence[str] = ("serve",)
    ) -> Any:
        """Runs a command that serves in this process, on a real port; returns what ``act`` finds while it serves."""
        found: list[Any] = []

        def serve_forever(server: Server, ready: Ask, loaded: Ask, beside: Ask) -> None:
            with server:
                ready()
                found.append(act(server, beside))

        self.patch.setattr(Server, "serve_forever", serve_forever)
        assert self.run(*command, "--port", "0", *arguments)[0] == code
        return found[0] if found else None

    def asked(self, *arguments: str, target: str = "/api/logs", token: Any = TOKEN) -> Any:
        """The answer of a server with these options to one request."""
        return self.served(*arguments, act=lambda server, beside: request(server.port, target, token))

    def checked(self, *arguments: str, depth: str = "quick", **given: Any) -> tuple[int, str, list[Asked]]:
        """Runs ``check`` on a deployment: its exit code, its output, and what was asked."""
        deployment = Deployment(some_logs(30), **given)
        with serving(deployment) as url:
            code, out, _ = self.run("check", url, "--depth", depth, *arguments)
        return code, out, deployment.asked

    def written(self, name: str, text: str) -> str:
        (self.tmp / name).write_text(text, "utf-8")
        return str(self.tmp / name)
