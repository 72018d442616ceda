"""HTTP around the operation: other methods, conditional requests, negotiation, other origins."""

from __future__ import annotations

from dataclasses import replace

from mockserver.judge import comparisons
from mockserver.judge.answer import Break, ProbeExchange
from mockserver.judge.checks.leaks import ATTACKER
from mockserver.judge.inventory import Inventory
from mockserver.judge.probe import PLAIN, asking
from mockserver.judge.session import Session

WRITES = ("POST", "PUT", "PATCH", "DELETE")


def head(session: Session, inventory: Inventory) -> None:
    """HEAD, which HTTP binds to GET."""
    for probe in session.some((PLAIN,), (asking(page_size=1), asking(page=0))):
        get = session.ask(probe)
        asked = replace(probe, method="HEAD")
        answer = session.ask(asked)
        session.ledger.judge("head")
        if answer.status != get.status:
            session.ledger.find("head", Break(f"{get.status}, as GET", answer.said()), ProbeExchange(asked, answer))


def options(session: Session, inventory: Inventory) -> None:
    """OPTIONS, and a page of another origin that asks."""
    session.ask(replace(PLAIN, method="OPTIONS"))
    session.ask(PLAIN.under(Origin=ATTACKER))
    if session.depth != "quick":
        session.ask(
            replace(PLAIN.under(Origin=ATTACKER, Access_Control_Request_Method="GET"), method="OPTIONS", bearer="none")
        )
        session.ask(PLAIN.under(Origin="null"))


def conditional(session: Session, inventory: Inventory) -> None:
    """304 only for who holds the answer."""
    unheld = PLAIN.under(If_None_Match='"inventory-by-nobody"')
    for probe in session.some((unheld,), (replace(unheld, pairs=asking(page_size=2).pairs),)):
        answer = session.ask(probe)
        session.ledger.judge("conditional")
        if answer.status == 304:
            broken = Break("200: nobody holds that answer", answer.said())
            session.ledger.find("conditional", broken, ProbeExchange(probe, answer))
    tag = session.ask(PLAIN).header("etag")
    if tag is None:
        return session.ledger.leave("304 for who holds the answer", "no ETag was sent")
    session.ask(PLAIN.under(If_None_Match=tag))
    if not inventory.total or inventory.total <= 1:
        return None
    # The tag of one page, shown for another of other logs: strong tags of a deployment differ where bodies do.
    other = asking(page=2, page_size=1).under(If_None_Match=tag)
    answer = session.ask(other)
    if answer.status == 304:
        session.ledger.find(
            "conditional", Break("200: the client holds another page", answer.said()), ProbeExchange(other, answer)
        )
    return None


def negotiated(session: Session, inventory: Inventory) -> None:
    """Languages, media types and encodings change nothing of the logs."""
    fit = comparisons.unchanged("order-stable")
    quick = (PLAIN.under(Accept="application/json", Accept_Language="de"),)
    full = (
        PLAIN.under(Accept_Encoding="gzip"),
        PLAIN.under(Accept="text/html"),
        PLAIN.under(Accept="*/*;q=0.1"),
        PLAIN.under(Range="bytes=0-9"),
    )
    for probe in session.some(quick, full[:1]):
        session.relate(PLAIN, probe, (), fit)
    for probe in session.some((), full[1:]):
        session.ask(probe)


def one_log(session: Session, inventory: Inventory) -> None:
    """The path of one log, which the page does not describe."""
    for number in session.some((1,), (0, len(inventory.logs) - 1)):
        log = inventory.logs[number] if number < len(inventory.logs) else None
        if not isinstance(log, dict) or not isinstance(log.get("id"), str):
            return session.ledger.leave("one-log", "no second log with an id")
        probe = replace(PLAIN, item=log["id"])
        answer = session.ask(probe)
        if answer.status != 200 or not isinstance(answer.value, dict):
            return session.ledger.leave("one-log", f"the path of one log: {answer.said()}")
        session.ledger.judge("one-log")
        if answer.value.get("id") != log["id"]:
            session.ledger.find("one-log", Break("the log with that id", "another"), ProbeExchange(probe, answer))
    return None


def writes(session: Session, inventory: Inventory) -> None:
    """Other methods, asked only where the user allows it."""
    for method in WRITES:
        probe = replace(PLAIN, method=method, body=b"{}").under(Content_Type="application/json")
        answer = session.ask(probe)
        session.ledger.judge("read-only")
        if 200 <= answer.status < 300:
            session.ledger.find("read-only", Break("405", answer.said(), subject=method), ProbeExchange(probe, answer))
