"""Laws that every source keeps; a new source is tested as soon as the table lists it."""

from __future__ import annotations

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.contract.document import contract
from mockserver.contract.errors import MockserverError
from mockserver.contract.filters import EVERYTHING, Filters
from mockserver.contract.jsontext import decode
from mockserver.contract.profile import profile
from mockserver.logs.source import SOURCES, Opening, read_source
from mockserver.logs.traffic.calendar import Calendar
from mockserver.logs.traffic.source import Faker, Traffic
from tests.support.filters import LOOKS, by, is_wanted
from tests.support.traffic import NOW, Log, opened, parsed

FAKER = Faker().open(Opening(NOW))
DAY = len(FAKER.day.offsets)
TEXTS = [
    "seeded",
    "hypothesis:count=60,seed=2",
    *(f"faker:count={count}" for count in (0, 1, 5, DAY - 1, DAY, DAY + 1, 2 * DAY + 3)),
]


@pytest.fixture(scope="module", autouse=True)
def _opened_before_the_tests() -> None:
    """Hypothesis draws no logs while it draws examples."""
    for text in TEXTS:
        parsed(text)


def test_every_source_is_tested_here() -> None:
    assert {text.partition(":")[0] for text in TEXTS} == set(SOURCES)


def _filters(logs: tuple[Log, ...]) -> st.SearchStrategy[Filters]:
    """Any filters, each by a value of one log, of another log, or of none; under prefixes and without."""
    some = st.sampled_from(logs) if logs else st.just({"key": "none", "payload": {}})
    choices = st.fixed_dictionaries({name: st.integers(0, 3) for name in LOOKS})
    prefixes = [None, profile("observed").prefixes, ("Interaction.",), ("RevokeToken", "Unk"), ()]

    def filters(log: Log, other: Log, wrong: str, chosen: dict[str, int], prefixes: tuple[str, ...] | None) -> Filters:
        values = {name: (None, looks(log), looks(other), wrong) for name, looks in LOOKS.items()}
        return by(prefixes, **{name: values[name][choice] for name, choice in chosen.items()})

    return st.builds(filters, some, some, st.sampled_from(["", "nobody"]), choices, st.sampled_from(prefixes))


def _naive(logs: tuple[Log, ...], filters: Filters) -> list[Log]:
    return [log for log in reversed(logs) if is_wanted(log, filters)]


@pytest.mark.parametrize("text", TEXTS)
def test_logs_keep_the_contract_with_unique_ids_newest_first(text: str) -> None:
    logs = parsed(text)
    assert [contract().problems(log) for log in logs if not contract().is_valid(log)] == []
    assert len({log["id"] for log in logs}) == len(logs) == opened(text).count(EVERYTHING)
    assert [log["payload"]["key"] for log in logs] == [log["key"] for log in logs]
    moments = [log["createdAt"] for log in logs]
    assert moments == sorted(moments)


@pytest.mark.parametrize("text", TEXTS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_query_equals_a_naive_filter_over_the_whole_set(text: str, data: st.DataObject) -> None:
    logs, all_logs = opened(text), parsed(text)
    filters = data.draw(_filters(all_logs))
    wanted = _naive(all_logs, filters)
    assert logs.count(filters) == len(wanted)
    start = data.draw(st.integers(0, len(wanted) + 2))
    stop = start + data.draw(st.integers(0, 25))
    assert [decode(log) for log in logs.slice(filters, start, stop)] == wanted[start:stop]
    moment = data.draw(st.sampled_from([log["createdAt"] for log in all_logs] or [0])) + data.draw(st.integers(-1, 1))
    assert logs.newer(filters, moment) == sum(log["createdAt"] > moment for log in wanted)
    for infinite, newer in ((float("inf"), 0), (float("-inf"), len(wanted))):
        assert logs.newer(filters, infinite) == newer


@pytest.mark.parametrize("text", TEXTS)
def test_pages_of_any_size_together_are_the_whole(text: str) -> None:
    logs = opened(text)
    whole = list(logs.slice(EVERYTHING, 0, 10**12))
    for size in (7, 20, len(whole) or 1):
        pages = [logs.slice(EVERYTHING, start, start + size) for start in range(0, len(whole) + size, size)]
        assert [log for page in pages for log in page] == whole


@pytest.mark.parametrize("text", TEXTS)
def test_every_log_is_found_by_its_id_and_no_other(text: str) -> None:
    logs = opened(text)
    for log in list(logs.slice(EVERYTHING, 0, 10**12))[::17]:
        assert logs.find(decode(log)["id"]) == log
    for unknown in ("", "0" * 21, "nobody", "É" * 21):
        assert logs.find(unknown) is None


@pytest.mark.parametrize("text", TEXTS)
def test_a_tenant_has_its_own_tenant_id_and_the_same_visits(text: str) -> None:
    ours, theirs = (list(opened(text, tenant).slice(EVERYTHING, 0, 50)) for tenant in ("default", "acme"))
    assert {decode(log)["tenantId"] for log in theirs} <= {"acme"}
    assert [decode(log)["key"] for log in theirs] == [decode(log)["key"] for log in ours]
    if text != "seeded":
        assert {decode(log)["id"] for log in ours}.isdisjoint(decode(log)["id"] for log in theirs)


@pytest.mark.parametrize("text", ["hypothesis:count=20,seed=5", "faker:count=1000000000000,seed=5,users=7"])
def test_another_process_gives_the_same_bytes(text: str, tmp_path: Path) -> None:
    program = (
        "import sys; from mockserver.contract.filters import EVERYTHING;"
        "from mockserver.logs.source import Opening, read_source as read;"
        f"logs = read({text!r}).open(Opening({NOW})).logs('acme');"
        "sys.stdout.buffer.write(logs.version().encode() + b''.join(logs.slice(EVERYTHING, 5, 15)))"
    )
    environment = os.environ | {"PYTHONHASHSEED": "17", "XDG_CACHE_HOME": str(tmp_path), "TZ": "Asia/Tokyo"}
    answer = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True)
    logs = opened(text, "acme")
    assert answer.stdout == logs.version().encode() + b"".join(logs.slice(EVERYTHING, 5, 15))


@pytest.mark.parametrize(
    ("text", "start", "stop", "digest"),
    [
        ("faker:count=1000000000,seed=7", 123_456_789, 123_456_809,
         "4b2436f71e2bd0f353e365a9d1503fbfbbc200ef1c7919593a4ecd7be65e7205"),
        ("faker:count=20000", 0, 3_100, "78e93870ba3ba31eabceb6a32980e2e3e52b8ed461a8e2fed7f0d39ad6bce1d1"),
    ],
)  # fmt: skip
def test_the_bytes_are_these_on_every_machine(text: str, start: int, stop: int, digest: str) -> None:
    """The bytes change only with a release of Faker, the flows or the ids: then write down the new digests.

    The second are those of a day and more, with every log that a day has.
    """
    assert sha256(b"".join(opened(text).slice(EVERYTHING, start, stop))).hexdigest() == digest


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("faker:count=-1", "faker: count: found '-1', expected a whole number from 0"),
        ("faker:count=1000000000001", "from 0 to 1,000,000,000,000"),
        ("faker:seed=x", "faker: seed: found 'x', expected a whole number"),
        ("faker:error_rate=1.5", "expected a number from 0 to 1"),
        ("faker:users=0", "from 1 to 1,000"),
        ("faker:cuont=5", "expected one of applications, count, error_rate, people, seed, users; did you mean count?"),
        ("hypothesis:count=0", "from 1 to 10,000"),
        ("fakr", f"expected one of {', '.join(sorted(SOURCES))}; did you mean faker?"),
    ],
)
def test_the_message_for_a_bad_parameter_lists_the_known_ones(text: str, message: str) -> None:
    with pytest.raises(MockserverError) as error:
        read_source(text)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def _view(count: int, growth: float = 0.0) -> Traffic:
    """A source of any count over the one day that the tests composed."""
    calendar = Calendar(FAKER.day.offsets, count, int(NOW * 1000), growth)
    return Traffic(Faker(count=count), FAKER.day, calendar)


USER = next(found for log in FAKER.day.logs if (found := dict(log.traits.pairs).get("userId")))


@pytest.mark.parametrize("count", [10**9, 10**11, 10**12])
def test_the_ends_of_a_huge_set_are_right(count: int) -> None:
    """Totals of a partition add up, the last page ends with the oldest log, and every log can be found."""
    logs = _view(count).logs("default")
    keys = {log.traits.key for log in FAKER.day.logs}
    assert logs.count(EVERYTHING) == sum(logs.count(by(logKey=key)) for key in keys) == count
    for filters in (EVERYTHING, by(logKey="Interaction.Create"), by(userId=USER)):
        total = logs.count(filters)
        for start in (0, total // 2, total - 20):
            page = [decode(log) for log in logs.slice(filters, start, start + 40)]
            assert len(page) == min(40, total - start)
            times = [log["createdAt"] for log in page]
            assert times == sorted(set(times), reverse=True)
            assert logs.newer(filters, times[0]) == start
            assert [logs.find(log["id"]) for log in page] == list(logs.slice(filters, start, start + 40))
        assert list(logs.slice(filters, total, total + 20)) == []


def test_growth_adds_at_the_head_and_moves_no_log() -> None:
    """Page 2 repeats the end of page 1 when a log has come between, as in a real deployment."""
    before = _view(1000, growth=5.0).logs("default")
    after = before.at(NOW + 3.05)
    assert after.count(EVERYTHING) == 1015
    assert after.version() != before.version() == before.at(NOW).version() == before.at(NOW - 60).version()
    assert list(after.slice(EVERYTHING, 15, 2000)) == list(before.slice(EVERYTHING, 0, 1000))
    assert list(before.at(NOW + 1).slice(EVERYTHING, 0, 5)) == list(after.slice(EVERYTHING, 10, 15))
    times = [decode(log)["createdAt"] for log in after.slice(EVERYTHING, 0, 20)]
    assert times == sorted(set(times), reverse=True)
    assert NOW * 1000 < times[14] < times[0] <= (NOW + 3.05) * 1000
    newest = decode(next(after.slice(EVERYTHING, 0, 1)))["id"]
    assert (before.find(newest), after.find(newest)) == (None, next(after.slice(EVERYTHING, 0, 1)))
    assert after.newer(EVERYTHING, NOW * 1000) == 15


def test_a_growth_or_moment_without_room_for_whole_milliseconds_is_refused() -> None:
    with pytest.raises(MockserverError, match="growth: found 1001 logs a second, expected at most 1000"):
        Faker().open(Opening(NOW, growth=1001.0))
    with pytest.raises(MockserverError, match=r"now: found .* expected a moment that leaves room"):
        Faker(count=10**12).open(Opening(-61.5e9))


@pytest.mark.parametrize("rate", [0.0, 0.3, 1.0])
def test_the_error_rate_is_the_share_of_errors(rate: float) -> None:
    logs = parsed(f"faker:count=2000,error_rate={rate}")
    assert abs(sum(log["payload"]["result"] == "Error" for log in logs) / len(logs) - rate) < 0.05


def test_sets_of_one_seed_share_their_day() -> None:
    small, large, other = (Faker(count, seed).open(Opening(NOW)).day for count, seed in ((5, 1), (500, 1), (5, 2)))
    assert small is large is not other


def test_there_are_as_many_users_and_applications_as_asked_for() -> None:
    day = Faker(users=31, applications=11).open(Opening(NOW)).day
    pairs = [dict(log.traits.pairs) for log in day.logs]
    assert len({pair.get("userId") for pair in pairs} - {None}) == 31
    assert len({pair["applicationId"] for pair in pairs}) == 11


def test_one_application_serves_people_and_no_machines() -> None:
    logs = parsed("faker:count=500,users=3,applications=1")
    assert len({log["payload"]["applicationId"] for log in logs}) == 1
    assert not any(log["key"] == "ExchangeTokenBy.ClientCredentials" for log in logs)
