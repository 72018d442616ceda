"""Authorization: requests without a valid token, beside each parameter, method and spelling that may open a door.

A deployment may lock out whoever fails too often, so they are few: at most 20 at quick depth and 40 otherwise. Most
have every parameter at once: a guard that one of them opens is open then.
"""

from __future__ import annotations

from dataclasses import replace

from mockserver.contract.document import LIST_PATH, contract
from mockserver.judge.checks import security
from mockserver.judge.inventory import Inventory
from mockserver.judge.probe import ANOTHER_CASE, PLAIN, NearMiss, Probe, Value, Variable, asking
from mockserver.judge.probes.filtering import everything
from mockserver.judge.session import Session

NOBODY = replace(PLAIN, bearer="none")
TOKEN = Variable("MOCKSERVER_TOKEN", "", ())
# {"alg":"none"} and {"alg":"nOnE"}: nobody signed such a token (RFC 8725, 2.1), and libraries refused the first alone.
UNSIGNED, UNSIGNED_TOO = "eyJhbGciOiJub25lIn0", "eyJhbGciOiJuT25FIn0"
_CLAIMS = '$(printf %s "$V" | cut -d. -f2)'
# The last character of a signature may hold unused bits, so that changing only that one proves nothing.
TAMPERED = (
    NearMiss("unsigned", lambda v: f"{UNSIGNED}.{_claims(v)}.", f"{UNSIGNED}.{_CLAIMS}."),
    NearMiss("with an empty signature", lambda v: v.rpartition(".")[0] + ".", "${V%.*}."),
    NearMiss("cut short", lambda v: v[:-4], "${V%????}"),
    NearMiss("beginning otherwise", lambda v: "AAAA" + v[4:], "AAAA${V#????}"),
    ANOTHER_CASE,
    NearMiss("without a signature", lambda v: v.rpartition(".")[0], "${V%.*}"),
    NearMiss("unsigned in another case", lambda v: f"{UNSIGNED_TOO}.{_claims(v)}.", f"{UNSIGNED_TOO}.{_CLAIMS}."),
    NearMiss("with more after it", lambda v: v + "AAAA", "${V}AAAA"),
)
# Headers that only a proxy may set; each says that the caller is local, is somebody else, or asks by another method.
# Outside production mode, Logto accepts the last one in place of a token.
SPOOFED = {
    "X_Forwarded_For": "127.0.0.1", "X_Real_IP": "127.0.0.1", "Forwarded": "for=127.0.0.1", "Client_IP": "127.0.0.1",
    "X_Client_IP": "127.0.0.1", "True_Client_IP": "127.0.0.1", "X_Originating_IP": "127.0.0.1",
    "X_Forwarded_Host": "localhost", "X_User_Id": "admin", "X_HTTP_Method_Override": "OPTIONS",
    "Development_User_Id": "nobody", "Access_Control_Request_Method": "GET",
}  # fmt: skip
# A gateway that takes the path from one of these may let a guard see another than the router.
ELSEWHERE = {"X_Original_URL": "/", "X_Rewrite_URL": "/"}
# Spellings of the path that a router may take for it and a guard may not.
_ABOVE, _, _LAST = LIST_PATH.rpartition("/")
# A percent-encoded letter is that letter (RFC 3986, 6.2.2.2).
_ENCODED = f"/%{ord(LIST_PATH[1]):x}{LIST_PATH[2:]}"
PATHS_QUICK = (f"{LIST_PATH};x=1", f"{_ABOVE.upper()}/{_LAST}", _ENCODED)
PATHS = (f"{LIST_PATH}/", f"{LIST_PATH}.json", f"/{LIST_PATH}", f"{_ABOVE}/{_LAST.upper()}")


def _claims(token: str) -> str:
    return token.split(".")[1] if token.count(".") > 1 else "eyJzdWIiOiJub2JvZHkiLCJzY29wZSI6ImFsbCJ9"


def _parameters(inventory: Inventory) -> list[Probe]:
    """A probe for each filter, since a guard may know some of them alone, and one for a later page."""
    known = [(name, inventory.common(name)) for name in contract().filters]
    return [*(asking(**{name: value.value}) for name, value in known if value is not None), asking(page=2, page_size=2)]


def unauthorized(session: Session, inventory: Inventory) -> None:
    """No token, no bearer token, and tokens that nobody issued."""
    everywhere = replace(everything(inventory), bearer="none")
    *filters, later = [replace(probe, bearer="none") for probe in _parameters(inventory)]
    # A cache that forgets who asked tells this page to everybody.
    session.ask(replace(later, bearer="token"))
    quick = [
        NOBODY,
        # A page to sign in, as browsers get it, is no 401.
        replace(NOBODY, pairs=tuple(pair for probe in filters for pair in probe.pairs)).under(
            Accept="text/html,*/*;q=0.8", **ELSEWHERE
        ),
        later,
        replace(everywhere, method="HEAD"),
        everywhere.under(**SPOOFED),
        *(replace(NOBODY, path=path) for path in PATHS_QUICK),
        _showing(NOBODY, Value("Bearer ")),
        _showing(everywhere, Value("Bearer no.such-token.at-all")),
        _showing(NOBODY, Value("Bearer " + "a" * 5000)),
        _showing(NOBODY, Value("Bearer tökén-ñ")),
    ]
    more = [
        # Some clients that have no token yet send these.
        *(
            _showing(probe, Value(f"Bearer {text}"))
            for probe, text in zip(filters, ("null", "undefined"), strict=False)
        ),
        *filters[2:],
        *(replace(NOBODY, path=path) for path in PATHS),
        replace(everywhere, method="HEAD").under(**SPOOFED),
        replace(asking(page=0), bearer="none"),
    ]
    for probe in session.by_depth(quick, more):
        session.ask(probe)
    # A cache that keeps a refusal tells it to everybody.
    answer = session.ask(PLAIN)
    tag, cookie = answer.header("etag"), answer.header("set-cookie")
    if tag is not None and session.depth != "quick":
        session.ask(NOBODY.under(If_None_Match=tag))
    if cookie is not None:
        session.ask(NOBODY.under(Cookie=cookie.partition(";")[0]))


def tampered(session: Session, inventory: Inventory) -> None:
    """The token itself, changed, and where no token belongs."""
    if "token" not in session.target.tokens:
        return session.ledger.leave("a tampered token", "no token was given")
    token = Value(session.target.tokens["token"](), TOKEN, "$MOCKSERVER_TOKEN")
    everywhere = everything(inventory)
    for change in session.by_depth(TAMPERED[:4], TAMPERED[4:]):
        changed = change.of(token)
        if changed.text in ("", token.text):
            session.ledger.leave(f"a token {change.name}", "the token has no such part")
            continue
        shown = _showing(everywhere, Value(f"Bearer {changed.text}", TOKEN, f"Bearer {changed.shell}"))
        session.ask(shown)
        if change in TAMPERED[:6] and session.depth != "quick":
            session.ask(replace(shown, method="HEAD"))
    for scheme in ("", "Basic "):
        shown = _showing(everywhere, Value(scheme + token.text, TOKEN, scheme + token.shell))
        session.ask(replace(shown, bearer="misplaced"))
    if session.depth != "quick":
        session.ask(replace(everywhere.but(access_token=token), bearer="misplaced"))
    return None


def forbidden(session: Session, inventory: Inventory) -> None:
    """A valid token that lacks the scope."""
    if "forbidden" not in session.target.tokens:
        for check in (security.scope_required, security.forbidden_status):
            session.ledger.leave(check.name, "no second token: see --forbidden-token")
        return
    *filters, later = _parameters(inventory)
    everywhere = everything(inventory)
    for probe in session.by_depth((PLAIN, everywhere, later), (*filters, replace(everywhere, method="HEAD"))):
        session.ask(replace(probe, bearer="forbidden"))


def _showing(probe: Probe, authorization: Value) -> Probe:
    return replace(probe, bearer="none", headers=(("Authorization", authorization),))
