"""The files of docs/replicas agree with one another, with ``compose.yaml`` and with the program."""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from mockserver.cli.health import health
from mockserver.cli.serve import serve
from tests.support.replicas import FOLDER, Client, free_ports
from tests.support.tools import tool
from tests.support.wire import until

ROOT = FOLDER.parent.parent
VARIABLES = {option.envvar for option in serve.params if hasattr(option, "show_envvar")}
SERVICES = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
PROFILE = {name: service for name, service in SERVICES.items() if service.get("profiles") == ["replicas"]}
MANIFESTS = {part["kind"]: part for part in yaml.safe_load_all((FOLDER / "kubernetes.yaml").read_text())}


def test_compose_starts_a_replica_for_each_line_of_nginx_in_its_network_and_with_equal_settings() -> None:
    ports = re.findall(r"server 127\.0\.0\.1:(\d+) ", (FOLDER / "nginx.conf").read_text())
    replicas = [service for name, service in PROFILE.items() if name != "balancer"]
    assert [replica["environment"].pop("MOCKSERVER_PORT") for replica in replicas] == ports
    needed = {"MOCKSERVER_HOST": "127.0.0.1", "MOCKSERVER_NOW": "2026-11-01", "MOCKSERVER_TRUSTED_PROXY": "true"}
    assert replicas[0]["environment"] == needed
    assert replicas == [replicas[0]] * 3
    assert replicas[0]["network_mode"] == "service:balancer"


def test_the_command_of_compose_has_nginx_listen_beyond_its_container(tmp_path: Path) -> None:
    (command,) = PROFILE["balancer"]["command"]
    assert PROFILE["balancer"]["entrypoint"] == ["sh", "-c"]
    line = command.replace("/tmp", str(tmp_path)).replace(" /replicas/", f" {FOLDER}/")
    line = line.replace("exec nginx", f"exec {tool('nginx')} -t")
    done = subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stderr
    assert re.findall(r"^ *listen (.*);", (tmp_path / "nginx.conf").read_text(), re.MULTILINE) == ["3001"]


def test_the_parts_of_the_manifest_lead_to_one_another_and_no_service_is_called_mockserver() -> None:
    """Kubernetes would set MOCKSERVER_PORT for one of that name."""
    deployment, service = MANIFESTS["Deployment"]["spec"], MANIFESTS["Service"]
    assert deployment["replicas"] == 3
    assert deployment["selector"]["matchLabels"] == deployment["template"]["metadata"]["labels"]
    assert service["spec"]["selector"] == deployment["template"]["metadata"]["labels"]
    (container,) = deployment["template"]["spec"]["containers"]
    assert service["spec"]["ports"][0]["targetPort"] == container["ports"][0]["name"]
    (path,) = MANIFESTS["Ingress"]["spec"]["rules"][0]["http"]["paths"]
    backend = path["backend"]["service"]
    assert backend == {"name": service["metadata"]["name"], "port": {"name": service["spec"]["ports"][0]["name"]}}
    assert service["metadata"]["name"] != "mockserver"


def test_the_pods_are_given_options_of_serve_the_secret_and_probes_that_the_program_has() -> None:
    (container,) = MANIFESTS["Deployment"]["spec"]["template"]["spec"]["containers"]
    variables: dict[str, Any] = {variable["name"]: variable for variable in container["env"]}
    assert variables.keys() <= VARIABLES
    key = variables["MOCKSERVER_ADMIN_TOKEN"]["valueFrom"]["secretKeyRef"]
    assert key["name"] == MANIFESTS["Secret"]["metadata"]["name"]
    assert key["key"] in MANIFESTS["Secret"]["stringData"]
    for probe in ("readinessProbe", "livenessProbe"):
        assert container[probe]["exec"]["command"] == ["mockserver", health.name]


def test_the_ingress_hashes_by_the_tenant_of_the_file_beside_it() -> None:
    annotations = MANIFESTS["Ingress"]["metadata"]["annotations"]
    _, key, kind = annotations["nginx.org/lb-method"].split()
    assert (key, kind) == ("$mock_tenant", "consistent")
    assert f"map $request_uri {key} " in (FOLDER / "tenant.conf").read_text()
    assert annotations["nginx.org/proxy-next-upstream"] == "off"


def test_the_commands_of_the_document_bring_up_three_replicas_behind_nginx(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "replicas.md").read_text()
    start = re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE)[0].splitlines()
    end = re.findall(r"`(kill [^`]*|nginx [^`]*-s quit)`", text)
    assert (len(start), len(end)) == (3, 2)
    ports = dict(zip(("3001", "3011", "3012", "3013"), map(str, free_ports(4)), strict=True))

    def moved(text: str) -> str:
        return re.sub(r"\b30[01][0-3]\b", lambda match: ports[match[0]], text)

    (tmp_path / "docs" / "replicas").mkdir(parents=True)
    for name in ("nginx.conf", "tenant.conf"):
        (tmp_path / "docs" / "replicas" / name).write_text(moved((FOLDER / name).read_text()))
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    script = "\n".join([*map(moved, start), "read -r _", *end, "wait"])
    command = [tool("bash"), "-c", script]
    seen: set[int] = set()

    def are_three() -> bool:
        with suppress(OSError, http.client.HTTPException, TypeError), Client(int(ports["3001"])) as client:
            seen.update(client.ask(f"/t/a{number}/__admin/settings")[1]["process"]["id"] for number in range(60))
        return len(seen) == 3

    tool("nginx")
    tool("curl")
    with (
        (tmp_path / "printed").open("wb") as printed,
        subprocess.Popen(command, cwd=tmp_path, env=environment, stdin=subprocess.PIPE, stdout=printed) as shell,
    ):
        until(are_three, 120)
        shell.communicate(b"\n", timeout=60)
    assert shell.returncode == 0
    pages = re.findall(r"\[\{.*\}\]", (tmp_path / "printed").read_text())
    assert [len(json.loads(page)) for page in pages] == [20]
