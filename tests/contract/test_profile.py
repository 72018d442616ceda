"""The documented profile is the page; the observed ones are what was seen, transcribed here a second time."""

from __future__ import annotations

from mockserver.contract.profile import DOCUMENTED, Cap, Profile, Window, profile

LISTED = ("ExchangeTokenBy", "RevokeToken", "Interaction", "JwtCustomizer", "SamlApplication", "Unknown")


def test_the_documented_profile_adds_nothing_to_the_page() -> None:
    assert profile("documented") is DOCUMENTED
    assert Profile() == Profile(
        numbers="integer",
        empty_number=False,
        page_size_cap=None,
        parameter_limit=None,
        prefixes=None,
        nul_breaks=False,
        link_loses="",
        link_lines=False,
        strict_origin=False,
        etag_on_head=True,
        etag_defeated=False,
        loose_path=False,
        text_errors=False,
        encodings=("gzip",),
        compress_above=1024,
        window=None,
        cap=None,
    )


def test_the_observed_profile_is_what_was_seen_of_1_36() -> None:
    assert profile("observed") == Profile(
        numbers="javascript",
        empty_number=True,
        page_size_cap=100,
        parameter_limit=1000,
        prefixes=LISTED,
        nul_breaks=True,
        link_loses="/api",
        link_lines=True,
        strict_origin=True,
        etag_on_head=False,
        etag_defeated=True,
        loose_path=True,
        text_errors=True,
        encodings=("br", "gzip", "deflate"),
        compress_above=1024,
        window=None,
        cap=None,
    )


def test_the_newer_profile_lists_more_keys_and_has_a_window_and_a_cap() -> None:
    newer = profile("observed-1.42")
    assert newer.prefixes == (*LISTED, "RevokeGrants", "Action")
    assert newer.window == Window("start_time", "end_time", "log.invalid_time_window")
    assert newer.cap == Cap("enableCap", ("1", "true", "y", "yes", "yep", "yeah"), 10_000)
    assert not newer.strict_origin
    assert newer.page_size_cap == 100


def test_a_profile_is_read_once() -> None:
    assert profile("observed") is profile("observed")
