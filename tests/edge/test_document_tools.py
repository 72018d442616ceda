"""What generators and linters in JavaScript make of both documents: each accepts them without a warning."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mockserver.contract.document import beside
from mockserver.edge.app import create_app
from mockserver.edge.server import Server
from mockserver.mock.settings import Settings
from tests.support.node import installed, run_text
from tests.support.wire import request

# What a frontend does with the types: free-form objects can be read and written, errors and headers have names.
USE = """
import type { components, operations } from "./types";

type Log = components["schemas"]["Log"];
const params: Log["payload"]["params"] = { client_id: "a" };
const error: Log["payload"]["error"] = { code: "session.invalid_credentials" };
export const client: unknown = params.client_id;
export const told: unknown = typeof error === "string" ? error : error.code;
type Answers = operations["ListLogs"]["responses"];
export const total = (headers: Answers[200]["headers"]): number | undefined => headers["Total-Number"];
export const code = (refusal: Answers[401]["content"]["application/json"]): string => refusal.code + refusal.data?.name;
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Path]]:
    """The document of the repository, and both that a mock serves."""
    folder = tmp_path_factory.mktemp("document")
    with Server(create_app(Settings(logs="seeded"))) as server:
        for name in ("openapi.json", "openapi.yaml"):
            (folder / name).write_bytes(request(server.port, f"/{name}").body)
    return [beside("openapi.yaml"), *folder.iterdir()]


@pytest.fixture(scope="module")
def control(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The description of the control API."""
    file = tmp_path_factory.mktemp("control") / "control.json"
    with Server(create_app(Settings(logs="seeded"))) as server:
        file.write_bytes(request(server.port, "/__admin/openapi.json").body)
    return file


def tool(name: str, *arguments: object, folder: Path) -> subprocess.CompletedProcess[str]:
    quiet = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    command = [installed(name), *map(str, arguments)]
    return subprocess.run(command, env=os.environ | quiet, cwd=folder, capture_output=True, text=True, timeout=120)


def test_swagger_parser_accepts_the_document(files: list[Path], control: Path) -> None:
    names = json.dumps([str(file) for file in (*files, control)])
    program = f"""
        import Parser from "@apidevtools/swagger-parser";
        const seen = [];
        for (const file of {names}) seen.push((await Parser.validate(file)).openapi);
        console.log(JSON.stringify(seen));
    """
    assert json.loads(run_text(program)) == ["3.1.0"] * 4


def test_redocly_has_nothing_to_say_of_the_document(files: list[Path], control: Path, tmp_path: Path) -> None:
    for file in (*files, control):
        done = tool("redocly", "lint", "--format=json", file, folder=tmp_path)
        found: dict[str, Any] = json.loads(done.stdout)
        assert (done.returncode, found["problems"]) == (0, [])
        assert not any(found["totals"].values())


def test_openapi_typescript_makes_types_that_a_frontend_can_use(files: list[Path], tmp_path: Path) -> None:
    for number, file in enumerate(files):
        done = tool("openapi-typescript", file, "-o", f"types{number}.ts", folder=tmp_path)
        assert (done.returncode, "warn" in (done.stdout + done.stderr).lower()) == (0, False), done.stderr
    made = {(tmp_path / f"types{number}.ts").read_text() for number in range(len(files))}
    assert all(
        "Record<string, never>" not in text.partition("export interface components")[2].partition("$defs")[0]
        for text in made
    )
    (tmp_path / "types.ts").write_text((tmp_path / "types0.ts").read_text())
    (tmp_path / "use.ts").write_text(USE)
    done = tool("tsc", "--noEmit", "--strict", "--skipLibCheck", "use.ts", folder=tmp_path)
    assert done.returncode == 0, done.stdout


def test_orval_makes_a_client_without_a_warning(files: list[Path], tmp_path: Path) -> None:
    for number, file in enumerate(files):
        done = tool("orval", "--client", "fetch", "--input", file, "--output", f"{number}.ts", folder=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "\N{WARNING SIGN}" not in done.stdout + done.stderr, done.stdout
        text = (tmp_path / f"{number}.ts").read_text()
        assert "Promise<listLogsResponse>" in text
        assert "data?: ErrorData" in text


# What a test does with the types: a rule as text or as the fields of its kind, an expectation, a log of a key alone.
USE_CONTROL = """
import type { components, paths } from "./types";

type Schemas = components["schemas"];
export const rules: Schemas["Rule"][] = [
  { rule: "empty" },
  { kind: "status", code: 503, times: 2, userId: "u1" },
  { kind: "latency", distribution: "uniform", min: 0, max: 1 },
];
export const expectation: Schemas["Expectation"] = { query: { page: "2", userId: null }, times: 1 };
export const log: Schemas["NewLog"] = { key: "Unknown", payload: { userId: "u1" } };
export const settings: Schemas["TenantSettings"] = { logs: "faker:count=5", auth: "off", link_base: null };
type Entry = paths["/requests"]["get"]["responses"][200]["content"]["application/json"]["requests"][number];
export const status = (entry: Entry): number | null => entry.status;
// @ts-expect-error  the kind has no such parameter
export const wrong: Schemas["Rule"] = { kind: "empty", code: 503 };
"""


def test_openapi_typescript_makes_types_of_the_control_api(control: Path, tmp_path: Path) -> None:
    done = tool("openapi-typescript", control, "-o", "types.ts", folder=tmp_path)
    assert (done.returncode, "warn" in (done.stdout + done.stderr).lower()) == (0, False), done.stderr
    (tmp_path / "use.ts").write_text(USE_CONTROL)
    done = tool("tsc", "--noEmit", "--strict", "--skipLibCheck", "use.ts", folder=tmp_path)
    assert done.returncode == 0, done.stdout


def test_orval_makes_a_client_of_the_control_api(control: Path, tmp_path: Path) -> None:
    done = tool("orval", "--client", "fetch", "--input", control, "--output", "client.ts", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "\N{WARNING SIGN}" not in done.stdout + done.stderr, done.stdout
    text = (tmp_path / "client.ts").read_text()
    assert all(f"export const {name} = " in text for name in ("armFault", "verifyRequests", "changeSettings"))
    done = tool("tsc", "--noEmit", "--strict", "--skipLibCheck", "--lib", "es2022,dom", "client.ts", folder=tmp_path)
    assert done.returncode == 0, done.stdout
