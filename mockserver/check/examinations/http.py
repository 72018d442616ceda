"""HTTP around the operation: other methods, conditional requests, negotiation, other origins."""

from __future__ import annotations

from dataclasses import replace

from mockserver.check import fits
from mockserver.check.answer import Break, Exchange
from mockserver.check.court import Court
from mockserver.check.holdings import Holdings
from mockserver.check.leaks import ATTACKER
from mockserver.check.probe import PLAIN, asking

WRITES = ("POST", "PUT", "PATCH", "DELETE")


def head(court: Court, held: Holdings) -> None:
    """HEAD, which HTTP binds to GET."""
    for probe in court.some((PLAIN,), (asking(page_size=1), asking(page=0))):
        get = court.ask(probe)
        asked = replace(probe, method="HEAD")
        answer = court.ask(asked)
        court.ledger.judge("head")
        if answer.status != get.status:
            court.ledger.find("head", Break(f"{get.status}, as GET", answer.said()), Exchange(asked, answer))


def options(court: Court, held: Holdings) -> None:
    """OPTIONS, and a page of another origin that asks."""
    court.ask(replace(PLAIN, method="OPTIONS"))
    court.ask(PLAIN.under(Origin=ATTACKER))
    if court.depth != "quick":
        court.ask(
            replace(PLAIN.under(Origin=ATTACKER, Access_Control_Request_Method="GET"), method="OPTIONS", bearer="none")
        )
        court.ask(PLAIN.under(Origin="null"))


def conditional(court: Court, held: Holdings) -> None:
    """304 only for who holds the answer."""
    unheld = PLAIN.under(If_None_Match='"held-by-nobody"')
    for probe in court.some((unheld,), (replace(unheld, pairs=asking(page_size=2).pairs),)):
        answer = court.ask(probe)
        court.ledger.judge("conditional")
        if answer.status == 304:
            broken = Break("200: nobody holds that answer", answer.said())
            court.ledger.find("conditional", broken, Exchange(probe, answer))
    tag = court.ask(PLAIN).header("etag")
    if tag is None:
        return court.ledger.leave("304 for who holds the answer", "no ETag was sent")
    court.ask(PLAIN.under(If_None_Match=tag))
    if not held.total or held.total <= 1:
        return None
    # The tag of one page, shown for another of other logs: strong tags of a deployment differ where bodies do.
    other = asking(page=2, page_size=1).under(If_None_Match=tag)
    answer = court.ask(other)
    if answer.status == 304:
        court.ledger.find(
            "conditional", Break("200: the client holds another page", answer.said()), Exchange(other, answer)
        )
    return None


def negotiated(court: Court, held: Holdings) -> None:
    """Languages, media types and encodings change nothing of the logs."""
    fit = fits.unchanged("order-stable")
    quick = (PLAIN.under(Accept="application/json", Accept_Language="de"),)
    full = (
        PLAIN.under(Accept_Encoding="gzip"),
        PLAIN.under(Accept="text/html"),
        PLAIN.under(Accept="*/*;q=0.1"),
        PLAIN.under(Range="bytes=0-9"),
    )
    for probe in court.some(quick, full[:1]):
        court.relate(PLAIN, probe, (), fit)
    for probe in court.some((), full[1:]):
        court.ask(probe)


def one_log(court: Court, held: Holdings) -> None:
    """The path of one log, which the page does not describe."""
    for number in court.some((1,), (0, len(held.logs) - 1)):
        log = held.logs[number] if number < len(held.logs) else None
        if not isinstance(log, dict) or not isinstance(log.get("id"), str):
            return court.ledger.leave("one-log", "no second log with an id")
        probe = replace(PLAIN, item=log["id"])
        answer = court.ask(probe)
        if answer.status != 200 or not isinstance(answer.value, dict):
            return court.ledger.leave("one-log", f"the path of one log: {answer.said()}")
        court.ledger.judge("one-log")
        if answer.value.get("id") != log["id"]:
            court.ledger.find("one-log", Break("the log with that id", "another"), Exchange(probe, answer))
    return None


def writes(court: Court, held: Holdings) -> None:
    """Other methods, asked only where the user allows it."""
    for method in WRITES:
        probe = replace(PLAIN, method=method, body=b"{}").under(Content_Type="application/json")
        answer = court.ask(probe)
        court.ledger.judge("read-only")
        if 200 <= answer.status < 300:
            court.ledger.find("read-only", Break("405", answer.said(), subject=method), Exchange(probe, answer))
