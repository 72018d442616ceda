"""Authorization: requests without a valid token. They come last and are few."""

from __future__ import annotations

from dataclasses import replace

from mockserver.judge.checks import security
from mockserver.judge.inventory import Inventory
from mockserver.judge.probe import PLAIN, NearMiss, Probe, Value, Variable, asking
from mockserver.judge.session import Session

NOBODY = replace(PLAIN, bearer="none")

# The last character of a signature may hold unused bits, so that changing only that one proves nothing.
TAMPERED = (
    NearMiss("cut short", lambda v: v[:-4], "${V%????}"),
    NearMiss("with more after it", lambda v: v + "AAAA", "${V}AAAA"),
    NearMiss("beginning otherwise", lambda v: "AAAA" + v[4:], "AAAA${V#????}"),
)
TOKEN = Variable("MOCKSERVER_TOKEN", "", ())


def unauthorized(session: Session, inventory: Inventory) -> None:
    """No token, no bearer token, and tokens that nobody issued."""
    quick = [NOBODY, _showing(Value("Bearer no.such-token.at-all")), replace(inventory.filtered, bearer="none")]
    more = [
        replace(asking(page=2, page_size=5), bearer="none"),
        _showing(Value("Basic dXNlcjpwYXNz")),
        _showing(Value("Bearer")),
        _showing(Value("")),
        replace(asking(page=0), bearer="none"),
        replace(NOBODY, method="HEAD"),
        # Outside production mode, Logto accepts this header in place of a token.
        NOBODY.under(development_user_id="nobody"),
        _showing(Value("Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJub2JvZHkiLCJzY29wZSI6ImFsbCJ9.")),
    ]
    for probe in session.by_depth(quick, more):
        session.ask(probe)
    tag = session.ask(PLAIN).header("etag")
    if tag is not None and session.depth != "quick":
        session.ask(NOBODY.under(If_None_Match=tag))


def tampered(session: Session, inventory: Inventory) -> None:
    """The token itself, changed."""
    if "token" not in session.target.tokens:
        return session.ledger.leave("a tampered token", "no token was given")
    token = Value(session.target.tokens["token"](), TOKEN, "$MOCKSERVER_TOKEN")
    for change in session.by_depth(TAMPERED[:1], TAMPERED[1:]):
        changed = change.of(token)
        session.ask(_showing(Value(f"Bearer {changed.text}", TOKEN, f"Bearer {changed.shell}")))
    return None


def forbidden(session: Session, inventory: Inventory) -> None:
    """A valid token that lacks the scope."""
    if "forbidden" not in session.target.tokens:
        return session.ledger.leave(security.forbidden_status.name, "no second token: see --forbidden-token")
    for probe in session.by_depth((PLAIN,), (asking(page=2, page_size=5),)):
        session.ask(replace(probe, bearer="forbidden"))
    return None


def _showing(authorization: Value) -> Probe:
    return replace(NOBODY, headers=(("Authorization", authorization),))
