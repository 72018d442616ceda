"""Pseudonyms keep shape and relations, and leave nothing that is not public."""

from __future__ import annotations

import base64
import ipaddress
import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.contract.document import contract
from mockserver.contract.filters import pairs_of
from mockserver.contract.jsontext import encode
from mockserver.http.secrets import spellings
from mockserver.logs.traffic.agents import agents
from mockserver.logs.traffic.errors import MESSAGES
from mockserver.record import pseudonyms
from mockserver.record.pseudonyms import PUBLIC, Pseudonyms
from mockserver.strategies import logs
from tests.support.home import LOGS, joined, left, values
from tests.support.samples import Log

ID = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=10, max_size=21)
NAME = st.text("ABCDEFGHIJKLMNabcdefghijklmnoäöüßéабвгд", min_size=8, max_size=20)

PHONE = st.integers(10**9, 10**12).map("+49{}".format)
EMAIL = st.tuples(ID, ID).map("{0[0]}.x@{0[1]}.com".format)
SECRET = (ID | NAME | PHONE | EMAIL).filter(lambda text: text not in PUBLIC)


def test_recorded_logs_come_home_without_a_value_and_with_equal_counts() -> None:
    key = Pseudonyms("k")
    renamed = [key.log(log) for log in LOGS]
    assert left(LOGS, encode(renamed).decode()) == []
    assert len({value for log in LOGS for value in values(log)}) > 400
    assert all(contract().is_valid(log) for log in renamed)
    relation = {(pairs_of(log), pairs_of(new)) for log, new in zip(LOGS, renamed, strict=True)}
    assert len(relation) == len({old for old, _ in relation}) == len({new for _, new in relation}) > 20
    assert joined(renamed) == joined(LOGS)
    assert [log["key"] for log in renamed] == [log["key"] for log in LOGS]
    assert [list(log["payload"]) for log in renamed] == [list(log["payload"]) for log in LOGS]


@given(SECRET)
def test_no_value_is_left_wherever_and_however_it_stands(secret: str) -> None:
    in_base64, in_hex = base64.b64encode(f"u:{secret}".encode()).decode(), secret.encode().hex()
    url = f"https://{secret.partition('@')[2] or 'acme.com'}/u/{quote(secret)}?m={quote_plus(secret)}#{in_base64}"
    text = f"Error: {secret} at run ({url}:3:7)\n{in_hex}"
    payload = {secret: [secret], "error": json.dumps({"message": text, "data": json.dumps([secret])}), "url": url}
    log = {"id": secret, "payload": payload | {"params": {"state": in_base64, "nonce": in_hex}, "note": text}}
    renamed = Pseudonyms("k").log(log)
    for written in (encode(renamed).decode(), json.dumps(renamed)):
        assert [form for form in spellings(secret) if form in written] == []


@settings(max_examples=30)
@given(logs())
def test_what_keeps_the_contract_keeps_it_under_pseudonyms(log: Log) -> None:
    key = Pseudonyms("k")
    assert contract().problems(key.log(log)) == []
    assert encode(key.log(log)) == encode(Pseudonyms("k").log(log))


@given(ID, NAME)
def test_a_value_has_one_pseudonym_wherever_it_stands(user: str, name: str) -> None:
    key = Pseudonyms("k")
    error = json.dumps({"stack": f"at {user}\n {name}", user: [quote(name)]})
    renamed = key.log({"userId": user, "error": error, "path": f"http://localhost/{user}?n=1", name: {}})
    inner = json.loads(renamed["error"])
    assert inner == {"stack": key.text(f"at {user}\n {name}"), renamed["userId"]: [quote(key.text(name))]}
    assert renamed["userId"] in renamed["path"]
    assert key.text(name) in renamed


@given(st.sets(st.text(st.characters(codec="utf-8"), min_size=1, max_size=6), min_size=2))
def test_different_words_stay_different_and_keep_their_length(texts: set[str]) -> None:
    key = Pseudonyms("k")
    words = {key._run(text) for text in texts}  # the mapping of ids: no host or address is made longer
    assert len(words) == len(texts)
    assert sorted(map(len, words)) == sorted(map(len, texts))
    assert {text for text in texts if text in PUBLIC} <= words


@given(st.ip_addresses(v=4), st.ip_addresses(v=6))
def test_addresses_become_reserved_ones(four: ipaddress.IPv4Address, six: ipaddress.IPv6Address) -> None:
    key = Pseudonyms("k")
    assert ipaddress.ip_address(key.text(str(four))) in ipaddress.ip_network("198.18.0.0/15")
    assert ipaddress.ip_address(key.text(str(six))) in ipaddress.ip_network("2001:db8::/32")


def test_an_address_whose_place_is_taken_gets_one_of_the_reserved_block() -> None:
    key = Pseudonyms("k")
    made = [key.text(f"10.0.{n // 256}.{n % 256}") for n in range(3000)]
    assert len(set(made)) == 3000
    assert {address.startswith("198.") for address in made} == {True, False}
    assert all(int(address.split(".")[0]) >= 240 or address.startswith(("198.18.", "198.19.")) for address in made)


def test_an_email_stays_one_and_leads_to_nobody() -> None:
    key = Pseudonyms("k")
    local, domain = key.text("anna.smith@acme-corp.com").split("@")
    assert local == key.text("anna.smith")
    assert domain == key.text("https://acme-corp.com:8080/").split("/")[2].removesuffix(":8080")
    assert domain.endswith(".example")
    assert key.text("a%40acme-corp.com") == key.text("a@acme-corp.com").replace("@", "%40")


def test_times_are_shifted_by_a_constant_and_other_numbers_stay() -> None:
    log = {"createdAt": 5000, "payload": {"user": {"updatedAt": 2.5, "lastSignInAt": None}, "n": 7, "is": True}}
    renamed = Pseudonyms("k", shift=-1000).log(log)
    assert renamed["createdAt"] == 4000
    assert renamed["payload"]["user"]["updatedAt"] == -997.5


def test_a_common_user_agent_stays_with_its_parts_and_a_rare_one_does_not() -> None:
    agent = agents()[0]
    payload = {"userAgent": agent.text, "userAgentParsed": agent.parsed}
    key = Pseudonyms("k")
    assert key.log({"payload": payload}) == {"payload": payload}
    assert "AcmeInternalTool" not in str(key.log({"userAgent": "AcmeInternalTool/1.0"}))


def test_equal_keys_give_equal_bytes_and_other_keys_others() -> None:
    first, again, other = (json.dumps([Pseudonyms(key).log(log) for log in LOGS[:20]]) for key in ("a", "a", "b"))
    assert first == again != other


@pytest.mark.parametrize(
    ("text", "pseudonym"),
    [
        ("anna", "brcj"), ("Zoë", "Geæ"), ("abcdef0123456789", "21a5acf4d8c7f866"), ("k3v9x2m1q8w7", "d6x2pv8nga19"),
        ("192.0.2.7", "198.18.136.189"), ("2001:db8::7", "2001:db8:e9a0:1c3b:4206:2b1f:83f6:9278"),
        ("anna.smith@acme-corp.com", "brcj.mdbrv@oqvb-sdki.kdl.example"),
        ("https://acme-corp.com:8080/u", "https://oqvb-sdki.kdl.example:8080/g"), ("+491701234567", "+0888657680700"),
        ('{"name": "Anna"}', '{"name":"Brcj"}'), ("a%40acme-corp.com", "m%40oqvb-sdki.kdl.example"),
    ],
)  # fmt: skip
def test_a_key_gives_the_same_pseudonyms_in_every_version(text: str, pseudonym: str) -> None:
    """A file that is recorded next year joins with one of this year. Whoever changes this tells it in the changelog."""
    assert Pseudonyms("a fixed key").text(text) == pseudonym


def test_an_address_whose_place_is_taken_has_the_same_one_in_every_version() -> None:
    key = Pseudonyms("a fixed key")
    made = [key.text(f"10.0.{n // 256}.{n % 256}") for n in range(1000)]
    far = {number: address for number, address in enumerate(made) if not address.startswith("198.")}
    assert far == {640: "252.179.179.115", 747: "245.97.203.138", 929: "252.199.233.77"}


def test_what_only_looks_like_json_an_address_or_a_list_has_its_words_replaced() -> None:
    key = Pseudonyms("k")
    assert "Annabella" not in key.text('{"name": Annabella')
    assert key.text("at 12:34:56 sharp").count(":") == 2
    assert "Annabella" not in str(key.log({"userAgentParsed": {"ua": "Annabella"}}))
    assert key.log({"payload": {"reasons": ["Annabella"]}})["payload"]["reasons"] == [key.text("Annabella")]


def test_percent_encoding_that_is_no_utf_8_has_its_words_replaced_too() -> None:
    text = Pseudonyms("k").text("https://example.com/?name=Annabella%e9Smith")
    assert "Annabella" not in text
    assert "Smith" not in text


def test_no_word_becomes_a_public_one() -> None:
    """The pseudonym that would be public is replaced once more."""
    key = Pseudonyms("k")
    letters = "abcdefghijklmnopqrstuvwxyz"
    made = [key.text(a + b + c) for a in letters for b in letters for c in letters]
    assert len(set(made)) == len(letters) ** 3


def test_an_address_whose_second_place_is_taken_too_gets_the_next_one() -> None:
    made = []
    for taken in ((), (0,)):
        key = Pseudonyms("k")
        places = {int(ipaddress.IPv4Address("198.18.0.0")) + place: -1 for place in range(2**17)}
        key.owner = (places | {int(made[at]): -1 for at in taken}).setdefault
        made.append(ipaddress.IPv4Address(key.text("10.0.0.1")))
    assert made[1] == made[0] + 1


def test_a_phone_number_becomes_one_that_nobody_has() -> None:
    key = Pseudonyms("k")
    assert key.text("+4930123456") == "+0" + key.text("4930123456")
    assert key.text("tel%3A%2B4930123456") == quote(key.text("tel:+4930123456"), safe="")


def test_numbers_that_are_no_times_stay() -> None:
    log = {"createdAt": 2**64 - 1, "payload": {"updatedAt": -1e300, "lastSignInAt": True}}
    assert Pseudonyms("k", shift=1).log(log) == log


def test_the_list_of_public_words_repeats_nothing_that_the_package_knows() -> None:
    document = contract().log_schema["properties"]
    known = {*document, *document["payload"]["properties"], *MESSAGES, "Success", "Error"}
    listed = (Path(pseudonyms.__file__).parent / "public.txt").read_text().split()
    assert not known & set(listed)
    assert known <= PUBLIC
    assert listed == sorted(set(listed))


@pytest.mark.parametrize("text", ["%" + "25" * 50_000 + "41", "a+" * 20_000, "x@" * 20_000, "0:" * 20_000])
def test_a_text_that_looks_like_much_costs_little(text: str) -> None:
    """Each of these took minutes for a text of 1 MB when it was followed without a bound."""
    begun = time.process_time()
    assert text not in Pseudonyms("k").text(text)
    assert time.process_time() - begun < 5


def test_json_and_percent_encoding_are_followed_to_a_bound_and_replaced_below_it() -> None:
    key, text = Pseudonyms("k"), "Annabella"
    for _ in range(8):
        text = quote(text + "/")
    assert "nnabella" not in key.text(text)
    nested: Any = json.dumps({"Annabella": 1})
    for _ in range(60):
        nested = [nested]
    assert "nnabella" not in encode(key.log({"payload": nested})).decode()
