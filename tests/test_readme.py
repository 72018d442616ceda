"""README.md says what is so: its tables come from the registries, its blocks run."""

from __future__ import annotations

import re

from tests.support import docs


def test_the_generated_parts_are_as_their_registries_have_them() -> None:
    """Mend with ``python -m tests.support.docs``."""
    text = docs.README.read_text()
    assert set(re.findall(r"<!-- /(\w[\w-]*) -->", text)) == set(docs.PARTS)
    assert docs.generated(text) == text
