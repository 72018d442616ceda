"""Authorization: every kind of request without a valid token, last of all, and few."""

from __future__ import annotations

from dataclasses import replace

from mockserver.judge.answer import Answer, Break, ProbeExchange
from mockserver.judge.inventory import Inventory
from mockserver.judge.probe import PLAIN, Probe, asking
from mockserver.judge.session import Session
from mockserver.judge.value import NearMiss, Value, Variable

NOBODY = replace(PLAIN, bearer="none")

# The last character of a signature may hold bits that nobody reads, so that changing it alone proves nothing.
TAMPERED = (
    NearMiss("cut short", lambda v: v[:-4], "${V%????}"),
    NearMiss("with more after it", lambda v: v + "AAAA", "${V}AAAA"),
    NearMiss("beginning otherwise", lambda v: "AAAA" + v[4:], "AAAA${V#????}"),
)
TOKEN = Variable("MOCKSERVER_TOKEN", "", ())


def unauthorized(session: Session, inventory: Inventory) -> None:
    """No token, no bearer token, and tokens that nobody issued."""
    quick = [NOBODY, _showing("Bearer no.such-token.at-all"), replace(inventory.filtered, bearer="none")]
    full = [
        replace(asking(page=2, page_size=5), bearer="none"),
        _showing("Basic dXNlcjpwYXNz"),
        _showing("Bearer"),
        _showing(""),
        replace(asking(page=0), bearer="none"),
        replace(NOBODY, method="HEAD"),
        # Outside production mode, Logto takes this header in place of a token.
        NOBODY.under(development_user_id="nobody"),
        _showing("Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJub2JvZHkiLCJzY29wZSI6ImFsbCJ9."),
    ]
    for probe in session.some(quick, full):
        _judge_unauthorized(
            session, probe, lenient=bool(probe.headers) or bool(probe.pairs and probe.pairs[0][1].text == "0")
        )
    tag = session.ask(PLAIN).header("etag")
    if tag is not None and session.depth != "quick":
        _judge_unauthorized(session, NOBODY.under(If_None_Match=tag), lenient=False)


def tampered(session: Session, inventory: Inventory) -> None:
    """The token itself, changed."""
    if not session.target.has("token"):
        return session.ledger.leave("a tampered token", "no token was given")
    token = session.target.token()
    for change in session.some(TAMPERED[:1], TAMPERED[1:]):
        changed = change.of(Value(token, TOKEN, "$MOCKSERVER_TOKEN"))
        shown = Value(f"Bearer {changed.text}", TOKEN, f"Bearer {changed.shell}")
        _judge_unauthorized(session, replace(NOBODY, headers=(("Authorization", shown),)), lenient=True)
    return None


def forbidden(session: Session, inventory: Inventory) -> None:
    """A valid token that lacks the scope."""
    if not session.target.has("forbidden"):
        return session.ledger.leave("forbidden-status", "no second token: see --forbidden-token")
    for probe in session.some((PLAIN,), (asking(page=2, page_size=5),)):
        asked = replace(probe, bearer="forbidden")
        answer = session.ask(asked)
        session.ledger.judge("forbidden-status")
        if answer.status in (200, 400, 401):
            session.ledger.find(
                "forbidden-status", Break("403", answer.said(), subject=_kind(answer)), ProbeExchange(asked, answer)
            )
    return None


def _showing(authorization: str) -> Probe:
    return replace(NOBODY, headers=(("Authorization", Value(authorization)),))


def _judge_unauthorized(session: Session, probe: Probe, *, lenient: bool) -> None:
    """``lenient``: the request is malformed besides, so that 400 is as good an answer as 401.

    Statuses that the page does not list are found by the local checks.
    """
    answer = session.ask(probe)
    for rule in ("token-required", "unauthorized-status"):
        session.ledger.judge(rule)
    exchange = ProbeExchange(probe, answer)
    if 200 <= answer.status < 300 or answer.status == 304:
        session.ledger.find("token-required", Break("401, and nothing told", answer.said()), exchange)
    elif answer.status in ((403,) if lenient else (400, 403)):
        session.ledger.find("unauthorized-status", Break("401", answer.said(), subject=_kind(answer)), exchange)


def _kind(answer: Answer) -> str:
    return str(answer.status)
