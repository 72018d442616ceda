"""What options of ``record`` do, as a deployment sees it, or a reader of its file."""

from __future__ import annotations

from tests.judge.test_route import secure
from tests.support.deployment import Asked, Deployment, serving
from tests.support.effects import EFFECTS, World, effect
from tests.support.proxy import proxying
from tests.support.samples import some_logs

FAST = ("--rate", "1000", "--key", "some-key")


def recorded(world: World, *arguments: str) -> tuple[int, list[Asked]]:
    """Runs ``record`` on a deployment: its exit code, and what was asked."""
    deployment = Deployment(some_logs(30))
    with serving(deployment) as url:
        return world.run("record", url, *FAST, *(each.replace("URL", url) for each in arguments))[0], deployment.asked


@effect("record applicationId")
def record_application_id(world: World) -> None:
    asked = recorded(world, "--token", "good-token", "--application-id", "some-app")[1]
    assert "applicationId=some-app" in asked[0].query


@effect("record token_url", "record resource")
def record_token_url(world: World) -> None:
    client = ("--client-id", "me", "--client-secret", "hush", "--resource", "https://x.example")
    code, asked = recorded(world, *client, "--token-url", "URL/oidc/token")
    assert (code, asked[0].path) == (0, "/oidc/token")
    assert b"resource=https%3A%2F%2Fx.example" in asked[0].body
    assert recorded(world, *client, "--token-url", "URL/sts")[1][0].path == "/sts"


@effect("record rate")
def record_rate(world: World) -> None:
    slept: list[float] = []
    world.patch.setattr("mockserver.judge.limits.WallClock.sleep", staticmethod(slept.append))
    assert recorded(world, "--token", "good-token", "--rate", "0.5")[0] == 0
    with serving(Deployment(some_logs(250))) as url:
        assert world.run("record", url, "--key", "k", "--token", "good-token", "--rate", "0.25")[0] == 0
    assert [round(seconds) for seconds in slept] == [4, 4]


@effect("record proxy")
def record_proxy(world: World) -> None:
    with proxying() as proxy:
        assert recorded(world, "--token", "good-token", "--proxy", proxy.url)[0] == 0
    assert proxy.lines[0].endswith("/api/logs?page=1&page_size=100")


@effect("record ca_file", "record client_cert")
def record_client_cert(world: World) -> None:
    trusted = ("--token", "good-token", "--ca-file", str(world.files / "ca.pem"))
    with secure(world.files, demands=True) as url:
        errors = [
            world.run("record", url, *FAST, *more)[2]
            for more in ((*trusted, "--client-cert", str(world.files / "client.pem")), trusted, trusted[:2])
        ]
    assert errors[0].endswith(" logs\n")
    assert "see --client-cert" in errors[1]
    assert "see --ca-file" in errors[2]


@effect("record insecure_http")
def record_insecure_http(world: World) -> None:
    world.patch.setattr("mockserver.record.walk.PAUSE", 0)
    said = [world.run("record", "http://no-such-host.invalid", *FAST, *more)[2] for more in ((), ("--insecure-http",))]
    assert "--insecure-http" in said[0]
    assert "no address for that host" in said[1]


RECORD = "tests/cli/test_record.py"
CHOSEN = f"{RECORD}::test_filters_a_count_and_a_moment_choose_logs"
SAVED = f"{RECORD}::test_what_a_browser_saved_comes_home_and_can_be_served"
FETCHED = f"{RECORD}::test_a_token_is_fetched_for_an_application"
PRIVATE = "tests/cli/test_validate.py::test_what_looks_personal_is_told_beside_what_breaks_the_contract"
EFFECTS.update(
    {
        "record output": SAVED,
        "record count": CHOSEN,
        "record since": CHOSEN,
        "record userId": CHOSEN,
        "record logKey": CHOSEN,
        "record shift": SAVED,
        "record key": SAVED,
        "record token": f"{RECORD}::test_a_run_that_broke_off_goes_on_with_the_same_key",
        "record client_id": FETCHED,
        "record client_secret": FETCHED,
        "validate private": PRIVATE,
    }
)
