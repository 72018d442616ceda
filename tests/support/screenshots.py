"""The pictures of the console in the documents: ``python -m tests.support.screenshots`` takes them again."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Browser, expect

from mockserver.edge.app import create_app
from mockserver.edge.server import Server
from mockserver.mock.settings import Settings
from tests.support.browser import Window, chromium, desk
from tests.support.wire import request

PICTURES = Path(__file__).parent.parent / "pictures"
# All of them together: a README should open over a slow connection.
MOST_BYTES = 300_000
VIEWS = ("logs", "faults", "traffic", "settings")
SCHEMES = ("light", "dark")
SIZE = {"width": 980, "height": 640}


class Past:
    """A clock that is ``seconds`` behind the real time."""

    seconds = 0.0

    def now(self) -> float:
        return time.time() - self.seconds


def names() -> Iterator[str]:
    """Yields the file names of the pictures."""
    return (f"{view}-{scheme}.webp" for view, scheme in product(VIEWS, SCHEMES))


def take(browser: Browser, folder: Path, schemes: Iterable[str] = SCHEMES) -> None:
    """Takes the pictures into a folder, always of the same logs and the same faults."""
    settings = Settings(logs="faker:count=1000,seed=7", now="2026-11-01", seed=3)
    past = Past()
    with Server(create_app(settings, clock=past.now)) as server:
        for scheme in schemes:
            context = desk(browser, color_scheme=scheme, viewport=SIZE)
            window = Window(context, f"{server.url}/t/{scheme}")
            _traffic(window, server.port, past)
            for view in VIEWS:
                _arrange(window.view(view), view)
                (folder / f"{view}-{scheme}.webp").write_bytes(_picture(window))
            context.close()


def _traffic(window: Window, port: int, past: Past) -> None:
    """Sends five minutes of traffic in a second: the journal takes its times from the clock of the mock."""
    # The errors end before the picture of the logs is taken.
    for rule in ("status:code=503,times=11,every=8", "latency:distribution=lognormal,median=0.03,sigma=0.7,rate=0.3"):
        window.control("faults", {"rule": rule})
    path = f"/{window.base.split('/', 3)[3]}/api/logs"
    for number in range(90):
        past.seconds = 290 - number * 3.2
        query = urlencode({"page": number % 50 + 1} | ({"logKey": "Interaction.Create"} if number % 7 == 0 else {}))
        request(port, f"{path}?{query}", [("Authorization", "Bearer dev-token")])
    past.seconds = 0.0


def _arrange(window: Window, view: str) -> None:
    page = window.page
    expect(page.locator("main > section")).to_be_visible()
    match view:
        case "logs":
            window.rows().nth(2).click()
        case "faults":
            page.get_by_label("Kind").select_option("violate")
            page.get_by_label("Search offences").fill("page")
            page.get_by_label("offence *").select_option("overlap")
            expect(page.locator(".printed code").first).to_be_visible()
        case "traffic":
            expect(window.rows().nth(20)).to_be_visible()
        case _:
            page.get_by_label("Key *", exact=True).press_sequentially("Interaction.Create")
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement.blur(), scrollTo(0, 0)")


def _picture(window: Window) -> bytes:
    """Returns a picture as WebP, a third of the size of a PNG; Playwright's own screenshots cannot be WebP."""
    session = window.context.new_cdp_session(window.page)
    picture = session.send("Page.captureScreenshot", {"format": "webp", "quality": 60})
    return base64.b64decode(picture["data"])


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    with chromium() as chosen:
        take(chosen, PICTURES)
