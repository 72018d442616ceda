"""HTTP around the operation: other methods, conditional requests, negotiation, other origins."""

from __future__ import annotations

from dataclasses import replace

from mockserver.judge import comparisons
from mockserver.judge.answer import Answer, Break, ProbeExchange, identities
from mockserver.judge.checks import headers, listing, logs
from mockserver.judge.checks import http as checks
from mockserver.judge.checks.security import ATTACKER
from mockserver.judge.inventory import Inventory, unmatched
from mockserver.judge.probe import PLAIN, Probe, asking
from mockserver.judge.probes.filtering import everything
from mockserver.judge.session import DOUBTS, Session

# What clients send by themselves: a browser, and fetch() of Node.js, here for a part.
CLIENTS = (
    {
        "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "Accept_Language": "de,en-US;q=0.7,en;q=0.3", "Accept_Encoding": "br", "Sec_Fetch_Mode": "navigate",
    },
    {
        "Accept": "*/*", "Accept_Language": "*", "Content_Type": "application/json", "Range": "bytes=0-9",
        "Accept_Encoding": "gzip, deflate",
    },
)  # fmt: skip
# So many requests at once.
TOGETHER = 4
SECOND = 1.1


def head(session: Session, inventory: Inventory) -> None:
    """HEAD, which must get what GET gets."""
    unknown = asking(**unmatched())
    for probe in session.by_depth((unknown,), (PLAIN, asking(page_size=1), asking(page=0))):
        get, head = session.ask(probe), replace(probe, method="HEAD")
        answer = session.ask(head)
        session.judge(checks.head, ProbeExchange(head, answer), checks.head(answer, get, probe == unknown))


def options(session: Session, inventory: Inventory) -> None:
    """OPTIONS, and requests of web pages of other origins."""
    session.ask(replace(everything(inventory), method="OPTIONS", bearer="none"))
    session.ask(PLAIN.under(Origin=ATTACKER))
    if session.depth != "quick":
        preflight = PLAIN.under(Origin=ATTACKER, Access_Control_Request_Method="GET")
        session.ask(replace(preflight, method="OPTIONS", bearer="none"))
        session.ask(PLAIN.under(Origin="null"))


def conditional(session: Session, inventory: Inventory) -> None:
    """Tags that the target never sent, its own tag, and its own tag for another page. The links of such an answer lead
    back to the port that was asked."""
    invented, reason, own = '"held-by-nobody"', "nobody holds that answer", session.target.address
    tag = (answer := _ask_with(session, PLAIN, reason, If_None_Match=invented)).header("etag")
    for broken in headers.to_another_port(answer, own.scheme, own.host, own.authority):
        session.ledger.find(headers.link, broken, ProbeExchange(PLAIN.under(If_None_Match=invented), answer))
    for page in session.by_depth((), (asking(page_size=2),)):
        _ask_with(session, page, reason, If_None_Match=invented)
    if answer.logs:
        _ask_with(session, PLAIN, "a log came since 1970", If_Modified_Since="Thu, 01 Jan 1970 00:00:00 GMT")
    if tag is None:
        return session.ledger.leave("304 for who holds the answer", "no ETag was sent")
    session.ask(PLAIN.under(If_None_Match=tag))
    # A near miss of the tag: a deployment that compares only one end of it takes the two for one.
    for packed in session.by_depth((), (PLAIN.under(Accept_Encoding="gzip"),)):
        near = (session.ask(packed).header("etag") or tag).replace('"', '"0', 1)
        _ask_with(session, packed, reason, If_None_Match=near)
    # Caches mix pages that have one strong tag. A weak one may stand for the whole list.
    if len(answer.logs) > 1 and tag.startswith('"'):
        _ask_with(session, asking(page=2, page_size=1), "the client holds another page", If_None_Match=tag)
    if session.depth != "quick" and _outlives(session, tag, answer):
        # A weak tag may stand for what a second brings (RFC 9110, 8.8.1), and for no more.
        session.target.clock.sleep(SECOND)
        if _outlives(session, tag, answer):
            _ask_with(session, PLAIN, "other logs came more than a second ago", If_None_Match=tag)
    return None


def _outlives(session: Session, tag: str, answer: Answer) -> bool:
    later = session.ask(PLAIN)
    return later.header("etag") == tag and identities(later.logs) != identities(answer.logs)


def _ask_with(session: Session, page: Probe, reason: str, **sent: str) -> Answer:
    probe = page.under(**sent)
    answer = session.ask(probe)
    session.judge(headers.conditional, ProbeExchange(probe, answer), headers.conditional(answer, reason))
    return answer


def negotiated(session: Session, inventory: Inventory) -> None:
    """Languages, media types and encodings, which change nothing of the logs."""
    # No other probe asks for this page: a cache may keep it packed, for those too who take it plain alone.
    page, suspects = asking(page_size=45), (listing.page_size_ignored, listing.order_stable, listing.default_page)
    packed = page.under(Accept="application/json", Accept_Language="de", Accept_Encoding="gzip")
    for probe in (packed, page.under(Accept_Encoding="identity")):
        session.relate(inventory.top, probe, (), comparisons.part(*suspects, size=45))
    # Some servers break a body that is large and packed, and no other.
    wide = (inventory.wide or inventory.top).under(Accept_Encoding="gzip")
    # Many servers pack no body as small as one log.
    others = [asking(page_size=1).under(**sent) for sent in CLIENTS]
    more = (*(PLAIN.under(Accept=kind) for kind in ("*/*;q=0.1", "application/xml", "text/html")), wide)
    for probe in session.by_depth(others, more):
        session.ask(probe)


def together(session: Session, inventory: Inventory) -> None:
    """Requests at once, each for another number of logs."""
    # The smallest last: if all are answered as the last, no page is too long for whoever asked.
    sizes = range(min(TOGETHER, len(inventory.logs)), 0, -1)
    if len(sizes) < 2:
        return session.ledger.leave(listing.answers_apart.name, "no two logs")
    probes = [asking(page_size=size) for size in sizes]
    for size, probe, answer in zip(sizes, probes, session.together(probes), strict=True):
        newest = identities(session.reference(inventory.top) or [])
        # A replica with fewer logs than were asked for does not hold the newest.
        if answer.logs and len(newest) >= size and identities(answer.logs) == newest[: len(answer.logs)]:
            session.judge(listing.answers_apart, ProbeExchange(probe, answer), listing.answers_apart(size, answer))
    return None


def one_log(session: Session, inventory: Inventory) -> None:
    """The path of one log, which the document does not describe."""
    # Words are no ids, and must not find what stands first.
    session.ask(replace(PLAIN, item="none"))
    seen = (session.reference(inventory.wide) if inventory.wide else None) or inventory.walked
    ids = [log["id"] for log in seen if isinstance(log, dict) and isinstance(log.get("id"), str)]
    if len(ids) < 2:
        return session.ledger.leave(logs.one_log.name, "no second log with an id")
    # The oldest may be deleted at any moment.
    old, *newest = (replace(PLAIN, item=name) for name in (ids[len(ids) // 2], ids[1], ids[0]))
    answer = session.ask(old)
    if answer.status == 404 and session.ask(newest[0]).status == 200:
        # A copy that is behind may lack a log, but no two answers in a row are of such a copy.
        answer = min((session.ask(old) for _ in range(DOUBTS)), key=lambda again: again.status)
        if answer.status == 404:
            wrong = Break("the log with that id", "404, but a newer log is found")
            return session.judge(logs.one_log, ProbeExchange(old, answer), [wrong])
    if answer.status != 200 or not isinstance(answer.value, dict):
        return session.ledger.leave(logs.one_log.name, f"the path of one log: {answer.said()}")
    # Some guards stand before the list alone.
    session.ask(replace(old, bearer="none"))
    for probe in session.by_depth((), newest):
        session.ask(probe)
    return None


def writes(session: Session, inventory: Inventory) -> None:
    """Other methods, sent only if the user allows it; TRACE and SEARCH without a token alone."""
    writing = replace(PLAIN, body=b"{}").under(Content_Type="application/json")
    for method in (*checks.WRITES, "SEARCH", "TRACE"):
        # A budget that ends soon sees both kinds.
        session.ask(replace(PLAIN, method=method, bearer="none"))
        if method in checks.WRITES:
            session.ask(replace(writing, method=method))
