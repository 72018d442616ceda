"""Link headers, and the target of each relation in them: the server, the judge and the console read them alike."""

from __future__ import annotations

LINK_HEADERS: list[tuple[str, dict[str, str]]] = [
    ("", {}),
    ("nothing", {}),
    ("</a>", {}),
    ('</a>; rel="next"', {"next": "/a"}),
    ("</a>;rel=next,</b>; rel=prev", {"next": "/a", "prev": "/b"}),
    ('</a>; title="x, <y>; rel=z"; rel="next last"', {"next": "/a", "last": "/a"}),
    ('</a>; REL = "Next"', {"next": "/a"}),
    ("</a>; crossorigin; rel=preload; as=style", {"preload": "/a"}),
]
