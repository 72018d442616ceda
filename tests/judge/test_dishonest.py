"""Dishonest deployments that no offence of the catalogue shows; each breaks what one check demands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlencode

import pytest

from tests.support.deployment import Answered, Asked, Deployment
from tests.support.filters import LOOKS
from tests.support.judging import TestClock, directly, judged, told

Mend = Callable[[Deployment, Asked, Answered], Answered]


def writes(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
    return Answered(204) if asked.method in ("POST", "PUT", "PATCH", "DELETE") else answered


def shuffles(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
    """Every third page of many logs comes in another order."""
    if answered.status == 200 and len(deployment.asked) % 3 == 0 and isinstance(answered.body, list):
        return replace(answered, body=answered.body[::-1])
    return answered


def forgets(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
    """One page in nine lacks its third log, and is whole again when asked again."""
    if answered.status == 200 and len(deployment.asked) % 9 == 0 and isinstance(answered.body, list):
        return replace(answered, body=answered.body[:2] + answered.body[3:])
    return answered


def caches(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
    """304 to whoever holds anything, a token or none."""
    return Answered(304) if "if-none-match" in asked.headers else answered


def hides(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
    """Without a token, Logto's development header is enough."""
    if "development-user-id" in asked.headers:
        return deployment.honest(replace(asked, headers={"authorization": "Bearer good-token"}))
    return answered


def mixes(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
    """Whatever id is asked for, the newest log is told."""
    if answered.status == 200 and isinstance(answered.body, dict):
        return replace(answered, body=deployment.logs[0])
    return answered


def archives(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
    """Of the logs that it lists, the newest twenty alone are found by their ids."""
    newest = {f"/api/logs/{log['id']}" for log in deployment.logs[:20]}
    return deployment.refusal(404) if "/logs/" in asked.path and asked.path not in newest else answered


def alternates(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
    """Two copies take turns, each of which knows every second log alone."""
    half = Deployment(deployment.logs[len(deployment.asked) % 2 :: 2], tags=False)
    return half.honest(asked)


def overflows(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
    """Total-Number counts, but pages hold at most 50 logs, and nothing says so."""
    if answered.status == 200 and isinstance(answered.body, list):
        return replace(answered, body=answered.body[:50])
    return answered


def heads(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
    return Answered(404) if asked.method == "HEAD" else answered


def counts_for_head(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
    """HEAD tells how many logs there are, whatever filter is given."""
    wrong = {**answered.headers, "Total-Number": str(len(deployment.logs))}
    return replace(answered, headers=wrong) if asked.method == "HEAD" and answered.status == 200 else answered


def counts_rows(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
    """The total is a column of the rows, so a page without rows tells 0."""
    return replace(answered, headers={**answered.headers, "Total-Number": "0"}) if answered.body == [] else answered


def wakes(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
    """Whatever filter is asked for finds nothing at first."""
    filters = {pair for pair in asked.pairs if pair[0] in LOOKS}
    known = any(filters <= set(old.pairs) for old in deployment.asked[:-1])
    return answered if known or not filters or answered.status != 200 else replace(answered, body=[])


def indexes_the_newest(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
    """Filters find only the newest 130 logs."""
    newest = {log["id"] for log in deployment.logs[:130]}
    if answered.status != 200 or not isinstance(answered.body, list) or not any(n in LOOKS for n, _ in asked.pairs):
        return answered
    return replace(answered, body=[log for log in answered.body if log["id"] in newest])


def decodes(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
    """The router decodes the path, and the guard does not."""
    return told_without_token(deployment, asked) if asked.path == "/%61pi/logs" else answered


def overrides(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
    """The guard takes a header for the method, and asks for no token before OPTIONS."""
    opens = asked.headers.get("x-http-method-override") == "OPTIONS"
    return told_without_token(deployment, asked) if opens else answered


def knows_tails(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
    """A token is known by its last four characters."""
    opens = asked.headers.get("authorization", "").endswith("oken")
    return told_without_token(deployment, asked) if opens and answered.status == 401 else answered


def takes_words(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
    """A page that is a word is page 1, beside a filter and a size."""
    given = dict(asked.pairs)
    if answered.status != 400 or not given.get("page", "").isalpha() or len(given) < 3:
        return answered
    return deployment.honest(replace(asked, query=urlencode({**given, "page": "1"})))


def exchanges(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
    """Who asks for four logs gets the two that somebody else asked for."""
    four = answered.status == 200 and asked.query == "page_size=4" and isinstance(answered.body, list)
    return replace(answered, body=answered.body[:2]) if four else answered


def told_without_token(deployment: Deployment, asked: Asked) -> Answered:
    entitled = replace(asked, path="/api/logs", headers=asked.headers | {"authorization": "Bearer good-token"})
    return deployment.honest(entitled)


def spells(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
    """The guard knows one spelling of the path, and the router another too."""
    return told_without_token(deployment, asked) if asked.path == "/API/logs" else answered


def remembers(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
    """A cache tells everybody what somebody with a token asked before."""
    before = any(old.query == asked.query and "good-token" in str(old.headers) for old in deployment.asked[:-1])
    return told_without_token(deployment, asked) if asked.query and before else answered


def wraps(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
    """The place of the first log has 32 bits."""
    if answered.status != 200 or answered.body != [] or "page_size=64" not in asked.query:
        return answered
    start = (int(dict(asked.pairs)["page"]) - 1) * 64 % 2**32
    return replace(answered, body=deployment.logs[start : start + 64])


def loses_port(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
    """Links are made of the host without its port."""
    if "Link" in answered.headers:
        answered.headers["Link"] = answered.headers["Link"].replace("</", "<http://127.0.0.1/")
    return answered


def finds_deleted(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
    """No list shows every seventh log, but one that is filtered by logKey."""
    if answered.status == 200 and isinstance(answered.body, list) and "logKey" not in asked.query:
        deployment.tells_total = False
        kept = [log for number, log in enumerate(deployment.logs) if number % 7 != 3]
        return Deployment(kept, tells_total=False).honest(asked)
    return answered


def turns_by_ten(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
    """Pages behind the first hold ten logs where no size is given."""
    given = dict(asked.pairs)
    if answered.status != 200 or set(given) != {"page"} or given["page"] == "1":
        return answered
    start = (int(given["page"]) - 1) * 10
    return replace(answered, body=deployment.logs[start : start + 10])


def packs_wrongly(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
    return Answered(500) if "gzip" in asked.headers.get("accept-encoding", "") else answered


def careless(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
    """Compares the end of a tag, trusts an unsigned token, folds accents, and keeps a packed page for everybody."""
    tag, token = asked.headers.get("if-none-match", ""), asked.headers.get("authorization", "")
    if "ETag" in answered.headers and tag.endswith(answered.headers["ETag"][1:]):
        return Answered(304)
    if token.startswith("Bearer eyJhbGciOiJuT25FIn0."):
        return told_without_token(deployment, asked)
    if "%CC%81" in asked.query:
        return deployment.honest(replace(asked, query=asked.query.replace("%CC%81", "")))
    if answered.status == 200 and any(
        old.query == asked.query and "gzip" in str(old.headers) for old in deployment.asked
    ):
        return deployment.honest(replace(asked, headers=asked.headers | {"accept-encoding": "gzip"}))
    return answered


DISHONEST: dict[str, tuple[Mend, set[str]]] = {
    "writes": (writes, {"read-only"}),
    "shuffles": (shuffles, {"order-stable"}),
    "forgets": (forgets, {"page-size-ignored", "logs-missing", "default-page-size"}),
    "caches": (caches, {"conditional", "token-required"}),
    "hides": (hides, {"token-required"}),
    "mixes": (mixes, {"one-log"}),
    "archives": (archives, {"one-log"}),
    "alternates": (alternates, {"order-stable"}),
    "overflows": (overflows, {"page-size-ignored"}),
    "exchanges": (exchanges, {"answers-apart"}),
    "refuses HEAD": (heads, {"head"}),
    "counts all logs for HEAD": (counts_for_head, {"head"}),
    "counts rows": (counts_rows, {"total-number"}),
    "wakes": (wakes, {"logs-missing"}),
    "indexes the newest": (indexes_the_newest, {"logs-missing"}),
    "decodes": (decodes, {"token-required"}),
    "overrides": (overrides, {"token-required"}),
    "knows tails": (knows_tails, {"token-required"}),
    "takes words": (takes_words, {"invalid-request-refused"}),
    "spells": (spells, {"token-required"}),
    "remembers": (remembers, {"token-required"}),
    "wraps": (wraps, {"past-the-end"}),
    "loses a port": (loses_port, {"link"}),
    "finds deleted logs": (finds_deleted, {"logs-missing"}),
    "turns by ten": (turns_by_ten, {"default-page-size"}),
    "packs wrongly": (packs_wrongly, {"answered"}),
}


# Full depth alone asks for these.
FULL = ("counts all logs for HEAD",)


@pytest.mark.parametrize("name", DISHONEST)
def test_a_dishonest_deployment_is_found_out(name: str) -> None:
    mend, expected = DISHONEST[name]
    verdict = judged(Deployment(mend=mend), "full" if name in FULL else "quick", unsafe=True)
    assert verdict.exit_code == 1
    assert {finding.check.name for finding in verdict.failing()} & expected, told(verdict.failing())


@pytest.mark.parametrize(("seconds", "charged"), [(1, False), (60, True)])
def test_a_weak_tag_may_stand_for_a_second_and_not_for_a_minute(seconds: int, charged: bool) -> None:
    clock = TestClock()

    def tags(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        tag = f'W/"{clock.now() // seconds:.0f}"'
        if answered.status == 200 and asked.headers.get("if-none-match") == tag:
            return Answered(304)
        return replace(answered, headers={**answered.headers, "ETag": tag})

    verdict = directly(Deployment(mend=tags, tags=False, grows_every=4), "full", clock)
    assert {finding.check.name for finding in verdict.failing()} == ({"conditional"} if charged else set())


def test_pages_that_overlap_behind_a_proxy_that_always_says_age_0_are_found() -> None:
    def overlaps(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        pairs = dict(asked.pairs)
        if isinstance(answered.body, list) and {*pairs} <= {"page", "page_size"} and int(pairs.get("page", 1)) > 1:
            start = (int(pairs["page"]) - 1) * int(pairs.get("page_size", 20)) - 1
            answered = replace(answered, body=deployment.logs[start : start + len(answered.body)])
        return replace(answered, headers={**answered.headers, "Age": "0"})

    verdict = directly(Deployment(mend=overlaps), "quick", TestClock())
    assert "pages-overlap" in {finding.check.name for finding in verdict.failing()}


def test_full_depth_finds_out_who_is_careless() -> None:
    verdict = judged(Deployment(mend=careless, zips=True), "full")
    names = {finding.check.name for finding in verdict.failing()}
    assert {"conditional", "token-required", "filter-inexact", "encoding-taken"} <= names, told(verdict.failing())


def test_a_log_that_is_wrong_in_the_list_and_right_by_its_id_is_charged_once() -> None:
    def misspells(deployment: Deployment, asked: Asked, answered: Answered) -> Answered:
        if answered.status == 200 and isinstance(answered.body, list):
            newest = deployment.logs[0]
            wrong = {**newest, "createdAt": str(newest["createdAt"])}
            return replace(answered, body=[wrong if log["id"] == newest["id"] else log for log in answered.body])
        return answered

    verdict = judged(Deployment(mend=misspells), "full")
    found = {finding.check.name: verdict.causes(finding) for finding in verdict.findings}
    assert found["schema"] == []
    assert found["one-log"] == ["schema"]
