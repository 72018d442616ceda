"""``Dockerfile`` and ``compose.yaml`` name what exists; ``.ci/container`` builds and runs the image."""

from __future__ import annotations

import re
from pathlib import Path

from mockserver.cli.serve import serve
from mockserver.contract.document import read_yaml
from mockserver.contract.published import ADMIN_TOKEN

ROOT = Path(__file__).parent.parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text()
SERVICES = read_yaml((ROOT / "compose.yaml").read_bytes())["services"]
VARIABLES = {option.envvar for option in serve.params if hasattr(option, "show_envvar")}


def test_the_image_has_the_published_token_and_sets_options_of_serve() -> None:
    values = dict(re.findall(r"(MOCKSERVER_\w+)=(\S+)", DOCKERFILE))
    assert values.pop("MOCKSERVER_ADMIN_TOKEN") == ADMIN_TOKEN
    given = {name for service in SERVICES.values() for name in service.get("environment", {})}
    assert {*values, *given} <= VARIABLES


def test_whatever_is_copied_exists_and_is_given_to_the_build() -> None:
    copied = {name for line in re.findall(r"^COPY (?!--)(.+) \S+$", DOCKERFILE, re.MULTILINE) for name in line.split()}
    given = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert copied == given
    assert all((ROOT / name).exists() for name in copied)


def test_the_services_are_published_on_this_machine_alone_and_mount_what_exists() -> None:
    assert all(port.startswith("127.0.0.1:") for service in SERVICES.values() for port in service.get("ports", ()))
    mounted = [volume.partition(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])]
    assert mounted
    assert all((ROOT / path).exists() for path in mounted)
