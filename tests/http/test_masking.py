"""No credential that a request carries is shown, wherever in it the value stands."""

from __future__ import annotations

import base64
import time
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mockserver.http.masking import masked
from mockserver.http.message import Request

SECRETS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=12)
JWT = "eyJhbGciOiJFUzM4NCJ9.eyJzdWIiOiJtIn0.c2ln"


def shown(target: str = "/api/logs", *headers: tuple[str, str]) -> str:
    request = Request("GET", target, headers)
    return repr(masked(request, request.path))


@given(SECRETS, st.sampled_from(["Bearer {}", "bearer  {}", "{}", "DPoP {}"]))
def test_a_token_is_masked_wherever_it_stands_and_however_it_is_encoded(token: str, form: str) -> None:
    assume(not {"%", "=", "+", "&", "#"} & set(token))
    header = ("authorization", form.format(token))
    target = f"/api/logs/{quote(token, safe='')}?a={quote_plus(token)}"
    text = shown(target, header, ("x-copy", token), ("referer", f"https://example.com/?q={quote_plus(token)}"))
    assert quote(token, safe="") not in text
    assert quote_plus(token) not in text
    assert repr(token)[1:-1] not in text


@pytest.mark.parametrize(
    ("pair", "is_masked"),
    [
        (b"me:pass?", True),
        (b"a:pass?", True),
        (b"a:pass\xff", False),
        (b"a:bc\x7f", False),
        # It ends in "__": these are letters of the word, and no padding.
        (b"me:pass?\xff", False),
    ],
)
def test_a_word_is_a_pair_if_all_of_it_is_printable_ascii(pair: bytes, is_masked: bool) -> None:
    word = base64.urlsafe_b64encode(pair).decode()
    assert (word not in shown(f"/api/logs?userId={word}")) is is_masked


def test_the_scheme_of_a_credential_is_left() -> None:
    assert "('authorization', 'Bearer ***')" in shown("/", ("authorization", "Bearer dev-token"))
    assert "('authorization', '***')" in shown("/", ("authorization", "dev-token"))
    assert "('cookie', '***')" in shown("/", ("cookie", "a=b; c=d"))


def test_the_password_of_basic_is_masked_elsewhere_too() -> None:
    encoded = base64.b64encode(b"mock-app:open-sesame").decode()
    text = shown("/?note=open-sesame", ("authorization", f"Basic {encoded}"), ("x", "open-sesame"))
    assert "open-sesame" not in text
    assert encoded not in text


@pytest.mark.parametrize(
    "name", ["access_token", "client_secret", "password", "api_key", "Authorization", "id_token_hint"]
)
def test_query_values_are_masked_by_name(name: str) -> None:
    assert masked(Request("GET", f"/?page=2&{name}=abcdefgh&flag"), "/")[1] == f"page=2&{name}=***&flag"


@pytest.mark.parametrize(("name", "is_masked"), [("code", True), ("code_", False), ("code=", True)])
def test_a_name_that_is_secret_alone_is_so_as_a_whole(name: str, is_masked: bool) -> None:
    """Also within a URL that is a value itself."""
    assert ("abcdefgh" not in shown("/", ("referer", f"https://example.com/cb?{name}=abcdefgh"))) is is_masked


def test_what_looks_like_a_jwt_is_masked_anywhere() -> None:
    assert JWT not in shown(f"/api/logs/{JWT}?userId={JWT}", ("x-forwarded-user", f"id {JWT}"))


def test_what_is_no_credential_is_left() -> None:
    request = Request("GET", "/api/logs?logKey=Interaction.Create&page=2", (("accept", "*/*"),))
    assert masked(request, request.path) == ("/api/logs", "logKey=Interaction.Create&page=2", (("accept", "*/*"),))


def test_a_value_too_short_to_be_a_secret_does_not_blot_out_everything() -> None:
    assert "/api/logs" in shown("/api/logs", ("authorization", "Bearer a"))


@given(st.text(st.characters(max_codepoint=255)), st.text(st.characters(max_codepoint=255)))
def test_any_request_can_be_shown(query: str, header: str) -> None:
    request = Request("GET", f"/?{query}", (("authorization", header), ("x", header)))
    path, text, headers = masked(request, "/")
    assert (path, [name for name, _ in headers]) == ("/", ["authorization", "x"])
    assert bool(text) is bool(query.partition("#")[0])


@pytest.mark.parametrize("name", ["x-auth-token", "api-key", "x-client-secret", "x-access-token"])
def test_a_header_named_for_a_credential_is_masked(name: str) -> None:
    assert "open-sesame" not in shown("/api/logs/open-sesame", (name, "open-sesame"))


def percent(text: str) -> str:
    return "".join(f"%{ord(each):02x}" for each in text)


TOKEN = "open-sesame-1"
ENCODED = {
    "as it is": TOKEN,
    "percent": percent(TOKEN),
    "percent twice": percent(TOKEN).replace("%", "%25"),
    "percent in part": "%6Fpen-sesame%2d1",
    "base64": base64.b64encode(TOKEN.encode()).decode(),
    "base64url": base64.urlsafe_b64encode(TOKEN.encode()).decode().rstrip("="),
    "hexadecimal": TOKEN.encode().hex(),
    "hexadecimal in capitals": TOKEN.encode().hex().upper(),
}


@pytest.mark.parametrize("form", ENCODED.values(), ids=ENCODED)
def test_a_credential_is_masked_in_each_encoding(form: str) -> None:
    request = Request("GET", f"/api/logs/{form}?a={form}&{form}", (("x", f"a {form}"), ("authorization", TOKEN)))
    assert form.rstrip("=") not in repr(masked(request, request.path))


def test_a_credential_is_masked_whose_slashes_alone_are_not_quoted() -> None:
    """As JavaScript's encodeURI and Python's quote leave them."""
    token = "open+sesame/~~?>>>"
    coded = base64.b64encode(token.encode()).decode()
    for form in (token, coded):
        assert "+" in form
        assert "/" in form
        assert masked(Request("GET", f"/?userId={quote(form)}", (("x-api-key", token),)), "/")[1] == "userId=***"


@pytest.mark.parametrize("query", ["%74oken=%6fpen", "t%6Fken=open", "%2574oken=op%65n", "access_%54oken=open"])
def test_a_name_that_is_percent_encoded_is_read(query: str) -> None:
    assert masked(Request("GET", f"/?{query}"), "/")[1].endswith("=***")


def test_a_percent_encoded_jwt_is_masked_with_its_word_alone() -> None:
    assert masked(Request("GET", f"/?userId={percent(JWT)}&page=2"), "/")[1] == "userId=***&page=2"
    assert masked(Request("GET", "/?userId=%41b&page=2"), "/")[1] == "userId=%41b&page=2"


@pytest.mark.parametrize("payload", ['{"sub":"m"}', '{"name":"Zoë"}'])
@pytest.mark.parametrize("form", ["{}", "see {}.", "https://example.com/{}"])
def test_what_looks_like_a_jwt_is_masked_as_a_whole(payload: str, form: str) -> None:
    """Also where its payload is no ASCII: its header can be guessed, and the rest would be the credential."""
    head, _, last = JWT.split(".")
    token = ".".join((head, base64.urlsafe_b64encode(payload.encode()).decode().rstrip("="), last))
    request = Request("GET", f"/api/logs?userId={token}", (("x-note", form.format(token)),))
    assert masked(request, request.path)[1:] == ("userId=***", (("x-note", form.format("***")),))


def test_a_json_object_in_base64_is_masked_as_a_pair_is() -> None:
    """So gateways name the user."""
    word = base64.b64encode(b'{"userId":"m"}').decode()
    assert shown("/api/logs", ("x-principal", f"a {word} b")) == repr(("/api/logs", "", (("x-principal", "a *** b"),)))


@pytest.mark.parametrize("before", ["", "é", "("])
def test_a_pair_is_found_behind_any_character_that_is_no_letter_of_base64(before: str) -> None:
    word = base64.b64encode(b"ab:>>>>>>").decode()
    assert "+" in word
    assert shown("/api/logs", ("x-note", before + word)) == repr(("/api/logs", "", (("x-note", f"{before}***"),)))
    assert shown(f"/api/logs?userId={word.replace('+', '%2b')}") == repr(("/api/logs", "userId=***", ()))


@pytest.mark.parametrize("text", ["eyJ" * 5000, "eyJ." * 4000, "a" * 16_000 + ".b.", "%" * 16_000])
def test_a_long_value_is_shown_at_once(text: str) -> None:
    began = time.process_time()
    shown(f"/?userId={text}")
    assert time.process_time() - began < 0.2


KEY_NAMES = [
    "X-Access-Key", "Ocp-Apim-Subscription-Key", "X-Functions-Key", "apikey", "x-goog-api-key", "X-Amz-Security-Token",
    "X-Amz-Signature", "X-Amz-Credential", "sig", "key", "code", "code_verifier", "pwd", "Set-Cookie",
    "Cookie2", "sessionid", "X-Auth", "Proxy-Authorization", "otp",
]  # fmt: skip


@pytest.mark.parametrize("name", KEY_NAMES)
def test_the_spellings_of_keys_codes_cookies_and_signatures_are_known(name: str) -> None:
    assert "abc12" not in shown("/", (name.lower(), "abc12"))
    assert masked(Request("GET", f"/?page=2&{name}=abc12&flag"), "/")[1] == f"page=2&{name}=***&flag"


@pytest.mark.parametrize("name", ["logKey", "userId", "page", "__code", "keyword", "encode", "pinned", "x-design"])
def test_a_harmless_name_that_holds_such_a_word_is_shown(name: str) -> None:
    assert masked(Request("GET", f"/?{name}=abcdefgh"), "/")[1] == f"{name}=abcdefgh"


NESTED = [
    "https://app.example.com/cb?code=abc12&page=2",
    "https://app.example.com/#access_token=abc12",
    "https://someone:abc12@app.example.com/",
    "https://a.example.com/?next=https%3A%2F%2Fb.example.com%2F%3Fkey%3Dabc12",
    "https://a.example.com/?next=" + quote(quote("https://b.example.com/?sig=abc12", safe=""), safe=""),
]


@pytest.mark.parametrize("url", NESTED)
def test_a_token_within_a_url_is_masked_in_headers_and_in_parameters(url: str) -> None:
    for text in (shown("/", ("referer", url)), shown(f"/?redirect_uri={quote(url, safe='')}&page=2")):
        assert "abc12" not in text
    assert "page=2" in shown(f"/?redirect_uri={quote(url, safe='')}&page=2")


def test_a_value_that_a_nested_url_names_as_a_secret_is_masked_elsewhere_too() -> None:
    assert TOKEN not in shown(f"/api/logs/{TOKEN}", ("referer", f"https://a.example.com/?access_token={TOKEN}"))


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@given(user=st.text("abc-.", min_size=1), token=st.text("xyz?~>", min_size=5))
def test_base64_of_user_and_token_is_masked_in_any_place(encode: Any, user: str, token: str) -> None:
    word = encode(f"{user}:{token}".encode()).decode()
    for form in (word, word.rstrip("=")):
        request = Request("GET", f"/?a={quote(form)}", (("x-upstream", f"Custom {form}"), ("x-copy", form)))
        text = repr(masked(request, "/"))
        assert form.rstrip("=") not in text
        assert quote(form) not in text


@pytest.mark.parametrize(("length", "is_masked"), [(5, False), (6, True)])
def test_a_value_of_six_characters_is_masked_elsewhere_too(length: int, is_masked: bool) -> None:
    value = "q7Zx9k"[:length]
    assert (value not in shown("/api/logs", ("authorization", f"Bearer {value}"), ("x-copy", value))) is is_masked


@pytest.mark.parametrize(("times", "is_masked"), [(1, True), (2, True), (3, True), (4, False)])
def test_a_credential_that_is_percent_encoded_up_to_three_times_is_masked(times: int, is_masked: bool) -> None:
    word = "".join(f"%{ord(letter):02x}" for letter in "open-sesame")
    for _ in range(times - 1):
        word = word.replace("%", "%25")
    assert (word not in shown(f"/api/logs/{word}", ("authorization", "Bearer open-sesame"))) is is_masked


def test_the_name_of_a_scheme_is_no_secret() -> None:
    text = shown("/api/logs", ("authorization", "Bearer open-sesame"), ("x-note", "Bearer of open-sesame"))
    assert "('x-note', 'Bearer of ***')" in text


def test_what_is_no_base64_has_no_password_in_it() -> None:
    """Python's reader would leave out the dot, and find ``mock-app:opensesame``."""
    text = shown("/api/logs", ("authorization", "Basic bW9j.ay1hcHA6b3BlbnNlc2FtZQ=="), ("x-note", "opensesame"))
    assert "('x-note', 'opensesame')" in text
