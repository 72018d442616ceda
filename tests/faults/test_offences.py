"""Laws of the catalogue, tried on every offence: it changes some reply, and it never fails."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.contract.document import contract, read_yaml
from mockserver.contract.errors import MockserverError
from mockserver.contract.jsontext import decode
from mockserver.faults.fault import Case, Chance
from mockserver.faults.offences import FAMILIES, catalogue, find_offence, offence, shape
from mockserver.faults.offences.offence import Offence, pairwise
from mockserver.http.message import Reply, Request
from mockserver.logs.file import Seeded
from mockserver.logs.source import Opening
from mockserver.mock.exchange import Mock
from mockserver.mock.settings import Settings
from mockserver.mock.tenants import Setup
from tests.support.cases import GOOD, MOCK, NOW, REQUESTS, asked, changed, honest, logs


def shows(name: str, request: Request, k: int = 1) -> bool:
    reply = changed(name, request, k)
    return reply is not None and (reply.status, reply.headers, reply.content(), reply.sending) != _facts(request)


def _facts(request: Request) -> tuple[object, ...]:
    reply = honest(request)
    return reply.status, reply.headers, reply.content(), reply.sending


# All that belong to no product, and of each product a sample. `mockserver self-test --all` tries the rest.
SAMPLE = pairwise(tuple(catalogue().values()), 21)
# These need more logs than the curated ones.
MANY = [each.name for each in SAMPLE if each.family in ("page-size", "body-cut", "loss") or "deep" in each.labels]


@pytest.mark.parametrize("name", [each.name for each in SAMPLE if each.name not in MANY])
def test_every_offence_changes_some_reply(name: str) -> None:
    assert any(shows(name, request, k) for request in REQUESTS for k in (1, 2, 3)), "no request shows it"


@pytest.mark.parametrize("name", [each.name for each in SAMPLE])
def test_no_offence_fails_on_any_request_and_a_rule_serves_it(name: str) -> None:
    for request in REQUESTS[:: 1 + len(name) % 3]:
        assert isinstance(changed(name, request), Reply | None)
    served = MOCK.respond(
        Request("GET", "/api/logs?page=2", (*GOOD, ("prefer", f'fault="violate:offence={name}"'))), NOW
    )
    assert served.header("preference-applied")


STATUS = re.compile(r"\b(?:is|are) (?:a |an )?([2-5]\d\d)\b")


TELLING = [each for each in SAMPLE if each.name not in MANY and STATUS.search(each.sentence)]


@pytest.mark.parametrize("each", TELLING, ids=lambda each: each.name)
def test_an_answer_has_the_status_that_the_sentence_of_its_offence_names(each: Offence) -> None:
    replies = (changed(each.name, request, k) for request in REQUESTS for k in (1, 2, 3))
    assert any(str(reply.status) == STATUS.findall(each.sentence)[0] for reply in replies if reply is not None)


def test_there_are_at_least_a_thousand_offences_with_unique_names_and_sentences() -> None:
    assert len(catalogue()) >= 1000
    for name, each in catalogue().items():
        assert each.name == name
        assert re.fullmatch(r"[a-z0-9]+(-[A-Za-z0-9]+)*", name)
        assert each.severity in ("forbidden", "senseless", "advice")
        assert each.sentence.endswith(".")
    assert len({each.sentence for each in catalogue().values()}) == len(catalogue())


def test_an_unknown_offence_names_the_nearest_and_the_command_that_lists_all() -> None:
    """The list is too long for one line."""
    with pytest.raises(
        MockserverError, match=r"such as envelope, .*did you mean envelope\? `mockserver offences`"
    ) as e:
        find_offence("envelop")
    assert len(str(e.value)) < 250


VALIDATOR = jsonschema_rs.Draft202012Validator({"type": "array", "items": contract().log_schema})


@pytest.mark.parametrize("each", tuple(shape.offences()), ids=lambda each: each.name)
def test_an_offence_of_shape_breaks_the_schema_of_every_log(each: object) -> None:
    name = each.name  # type: ignore[attr-defined]  # an offence of the table
    reply = changed(name, asked(""))
    assert reply is not None
    broken = decode(reply.content())
    assert len(broken) == 20
    assert not any(contract().is_valid(log) for log in broken)
    assert reply.header("etag") is None
    single = changed(name, asked(f"/{logs()[5]['id']}"))
    assert single is not None
    assert not contract().is_valid(decode(single.content()))


def test_every_statement_of_the_schema_has_an_offence() -> None:
    """Counted apart from the walk: each required name, type, enum and bound of the document's text."""
    text = str(contract().log_schema)
    names = [each.name for each in shape.offences()]
    assert sum(name.startswith("too-") for name in names) == text.count("'maxLength'") + text.count("'minLength'")
    assert sum(name.startswith("unknown-") for name in names) == text.count("'enum'")
    required = re.findall(r"'required': \[([^\]]*)\]", text)
    assert sum(name.startswith("missing-") for name in names) == sum(len(each.split(",")) for each in required)
    # The log itself and the two choices of error are no properties of their own.
    typed = text.count("'type': '") - 3 + text.count("'oneOf'")
    assert sum(name.startswith("wrong-type-") for name in names) == typed


@pytest.mark.parametrize("profile", ["observed", "observed-1.42"])
def test_no_offence_fails_on_the_observed_profiles(profile: str) -> None:
    mock = Mock(Setup(Seeded().open(Opening(0.0)), Settings(profile=profile)))  # type: ignore[arg-type]  # profiles of the table
    odd = (
        "/api/Logs/",
        "/api/logs?page=1e0&page_size=0x5",
        "/api/logs?page=",
        "/api/logs?page=1.5",
        "/api/logs?page_size=101",
    )
    for target in odd:
        request = Request("GET", target, GOOD)
        cases = [Case(request, NOW, lambda asked_: mock.respond(asked_, NOW), Chance(0, o.name, 1)) for o in SAMPLE]
        replies = [each.change(case) for each, case in zip(SAMPLE, cases, strict=True)]
        assert all(reply is None or isinstance(reply, Reply) for reply in replies)
        assert 0 < sum(reply is not None for reply in replies) < len(replies)


def test_a_page_that_is_too_large_to_hold_stays_honest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockserver.faults.offences.page._MOST_BYTES", 30_000)
    large = Mock(Setup(Seeded().open(Opening(0.0)), Settings()))
    monkeypatch.setattr("mockserver.mock.answers._PIECE", 10)
    request = asked("?page_size=60")
    case = Case(request, NOW, lambda asked_: large.respond(asked_, NOW), Chance(0, "", 1))
    assert find_offence("envelope").change(case) is None
    assert find_offence("missing-id").change(case) is None
    assert find_offence("missing-id").change(Case(asked("?page_size=12"), NOW, case.ask, case.chance)) is not None
    small = Case(asked("?page_size=1"), NOW, lambda asked_: large.respond(asked_, NOW), Chance(0, "", 1))
    assert find_offence("envelope").change(small) is not None


def pairs(offences: Iterable[Offence]) -> set[object]:
    """Returns the pairs of values that offences show, counted apart from the sampler."""
    return {
        (offence.family, first, offence.labels[first], second, offence.labels[second])
        for offence in offences
        for first in range(len(offence.labels))
        for second in range(first + 1, len(offence.labels))
    }


@given(st.integers())
@settings(max_examples=5)
def test_a_sample_shows_each_pair_of_values_that_any_offence_shows(seed: int) -> None:
    whole = tuple(catalogue().values())
    sample = pairwise(whole, seed)
    assert pairs(sample) == pairs(whole)
    assert {each.name for each in whole if not each.labels} <= {each.name for each in sample}
    assert len(sample) < len(whole) / 2
    assert sample == pairwise(whole, seed)


def test_every_text_of_the_file_is_that_of_an_offence() -> None:
    texts = read_yaml((Path(offence.__file__).parent / "offences.yaml").read_bytes())
    named = {name for checks in texts["offences"].values() for names in checks.values() for name in names}
    assert {each.name for each in catalogue().values() if not each.family} == named
    assert {each.family for each in catalogue().values() if each.family} == texts["products"].keys()


def test_each_member_of_a_log_and_of_its_payload_may_be_null() -> None:
    members = contract().log_schema["properties"]
    expected = {f"null-{name}" for name in members}
    expected |= {f"null-payload-{name}" for name in members["payload"]["properties"]}
    assert {each.name for each in shape.offences() if each.name.startswith("null-")} == expected


def test_other_seeds_draw_other_samples() -> None:
    whole = tuple(catalogue().values())
    assert len({each.name for seed in range(3) for each in pairwise(whole, seed)}) > len(pairwise(whole, 0)) + 50


@pytest.mark.parametrize(
    "kind",
    [
        "accepted-unsigned", "accepted-empty-signature", "accepted-forged", "accepted-bare", "accepted-basic",
        "accepted-local", "accepted-no-token-userId", "accepted-no-token-page-with-size", "accepted-no-token-HEAD",
        "accepted-any-scope-logKey-with-page", "accepted-no-token-OPTIONS", "accepted-any-scope-in-body",
        "accepted-no-token-in-total", "page-size-cut-250", "page-size-cut-900-1000", "body-cut-64kB-connection",
        "body-cut-800kB-gzip", "broken-by-long", "broken-by-long-token", "broken-by-odd-token", "broken-by-long-query",
        "filter-empty-userId", "filter-elsewhere-userId", "filter-decoded-twice-logKey", "filter-numeric-userId",
        "filters-second-after-paging", "gap-deep", "shortened-small-deep", "last-page-dropped", "bad-log-seconds-deep",
        "bad-log-third-result-oldest", "bad-log-other-key-in-fifty", "accept-misread", "if-none-match-misread",
        "accept-encoding-misread", "markup-echoed", "charset-latin", "head-refused-bare", "constant-etag",
        "member-twice", "callback-obeyed", "head-no-colon", "head-two-lengths", "head-nul-large", "head-both-framings",
        "range-misread", "taken-page-negative-with-size", "past-the-end-repeats-untold", "last-page-dropped-untold",
        "accepted-no-signature", "accepted-other-case", "accepted-no-token-TRACE", "accepted-no-token-semicolon",
        "accepted-in-query", "accepted-any-method-POST", "answers-mixed", "head-bare-lf", "body-cut-950kB-damaged",
        "default-size-10-with-filter", "bad-log-third-result-in-300", "created-at-in-seconds",
    ],
)  # fmt: skip
def test_each_kind_that_strangers_showed_is_in_the_catalogue(kind: str) -> None:
    assert find_offence(kind).sentence


def test_no_two_offences_share_a_name() -> None:
    names = [offence.name for family in FAMILIES for offence in family.offences()]
    assert names == list(catalogue())


@pytest.mark.parametrize("family", offence._texts()["products"])
def test_each_word_and_charge_of_a_product_is_about_a_value_of_some_product(family: str) -> None:
    """A value without words of its own is shown by its name, so that a name written otherwise would not be seen.

    Products share words, and not all of them have each value.
    """
    labels = {label for each in catalogue().values() for label in each.labels}
    text = offence._texts()["products"][family]
    named = {label for part in ("words", "charges") for by_label in text[part].values() for label in by_label}
    assert named - {"*"} <= labels
