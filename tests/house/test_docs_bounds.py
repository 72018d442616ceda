"""Bounds that a document names in a sentence are those of the program; ``docs/design.md`` has a table of the others."""

from __future__ import annotations

import pytest

from mockserver.edge import forwarding, outgoing, reload
from mockserver.edge.admin import guard
from mockserver.edge.listening import Patience
from mockserver.judge import limits, traffic
from mockserver.logs.traffic import roster
from mockserver.mock import journal
from mockserver.record import har, walk
from tests.support import docs

KEPT = f"{journal.MOST_BODY // 1024} kB"
PEOPLE = f"{roster.MOST_USERS:,} users and {roster.MOST_APPLICATIONS} applications"
JUDGED = f"{limits.LARGEST_JUDGED // 1024} KiB"
STATED = [
    ("control-api", f"the first {KEPT} of its reply"),
    ("control-api", f"in `body` the first {journal.MOST_BODY:,} bytes"),
    ("control-api", f"The answer to a wrong token is held back for {guard.WRONG_TOKEN:g} s"),
    ("data", f"there are up to {PEOPLE}, in up to {roster.MOST_BYTES // 10**6} MB"),
    ("https", f"does not end its handshake within {Patience().request:g} seconds"),
    ("judge", f"Beyond this machine it sends {limits.FAR_RATE:g} requests a second at most"),
    ("own-files", f"Reading may take {reload.LONGEST:g} s of work"),
    ("proxy", f"sends and takes nothing for {outgoing._SILENT:g} s"),
    ("proxy", f"accepts no connection within {outgoing._CONNECT:g} s"),
    ("proxy", f"An answer about logs is read whole, up to {JUDGED}"),
    ("proxy", f"an answer of more than {JUDGED} or {traffic._MOST_MARKS:,} values"),
    ("proxy", f"at most once in {forwarding._KEYS_AGAIN:g} s"),
    ("record", f"It sends at most {limits.FAR_RATE:g} requests a second (`--rate`), of {walk.SIZES[0]} logs each"),
    ("record", f"one entry has {har.LONGEST_ENTRY // 10**6} million characters at most"),
]


@pytest.mark.parametrize(("document", "sentence"), STATED)
def test_a_bound_in_a_sentence_is_that_of_the_program(document: str, sentence: str) -> None:
    assert sentence in " ".join(docs.DOCUMENTS[document].read_text("utf-8").split())
