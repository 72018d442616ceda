"""The routes that concern a whole tenant: a fresh name, its settings, its time, its beginning."""

from __future__ import annotations

import dataclasses
import os
import secrets
import unicodedata
from collections.abc import Mapping
from typing import Any, cast

from mockserver import __version__
from mockserver.contract.errors import MockserverError, Refused, named, unknown
from mockserver.contract.published import DEV_TOKEN
from mockserver.edge.admin import shapes
from mockserver.edge.admin.actions import Control, read_small_json, route
from mockserver.edge.command import Steps
from mockserver.edge.reload import PAUSE, opened_beside
from mockserver.logs.source import Opening, Source, read_source
from mockserver.mock.clock import start_of
from mockserver.mock.settings import TENANT_SETTINGS, Settings, TenantSettings, changed
from mockserver.mock.tenants import PREFIX, Setup, source_key, tenant_name

# The bytes of the random end of a fresh name: eight characters.
_RANDOM = 4


def read_title(body: bytes) -> str:
    """The title in a body, empty if there is none; raises MockserverError."""
    title = _member(body, "title") if body else ""
    if not isinstance(title, str):
        raise MockserverError("title", named(title), "a text, such as the name of a test")
    return title


def read_seconds(body: bytes) -> float:
    """The seconds in a body; raises MockserverError."""
    seconds = _member(body, "seconds")
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        raise MockserverError("seconds", named(seconds), "a number")
    return float(seconds)


def read_settings(body: bytes) -> Mapping[str, Any]:
    """The object in a body; raises MockserverError."""
    value = read_small_json(body)
    if not isinstance(value, dict):
        raise MockserverError("body", named(value), "an object of settings")
    return value


def _member(body: bytes, name: str) -> Any:
    """The only member of the object in a body."""
    value = read_small_json(body)
    if not isinstance(value, dict) or name not in value:
        raise MockserverError("body", named(value), f"an object with {name}")
    for other in value:
        if other != name:
            raise unknown("body member", other, [name])
    return value[name]


@route("POST", "/tenants", read_title, 201, body=shapes.TitleJson, example={"title": "My first test"})
def name_tenant(control: Control, title: str) -> shapes.TenantJson:
    """A name that nobody has, its base URL, and a token that may read its logs. The tenant is made on first use."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    name = tenant_name(plain, secrets.token_hex(_RANDOM))
    return {"tenant": name, "url": f"{control.request.public}{PREFIX}{name}", "token": DEV_TOKEN}


@route("GET", "/settings")
def show_settings(control: Control) -> shapes.SettingsJson:
    """The settings of the tenant, its time, how many logs it has, the tenants in use, and the process that serves."""
    mock, tenant = control.mock, control.tenant
    own = {name: getattr(tenant.setup.settings, name) for name in TENANT_SETTINGS}
    here = {"tenant": tenant.name, "tenants": sorted(mock.tenants.names), "count": mock.count(tenant.name)}
    time = {"time": control.moment, "ahead": tenant.ahead}
    server = {"host": mock.settings.host, "port": mock.settings.port}
    process = {"process": {"id": os.getpid(), "since": mock.since}, "version": __version__}
    return cast(shapes.SettingsJson, {**server, **own, **here, **time, **process})


@route("PATCH", "/settings", read_settings, body=TenantSettings, example={"profile": "observed"})
def change_settings(control: Control, values: Mapping[str, Any]) -> Steps[shapes.SettingsJson]:
    """Change settings of the tenant, and show all; what is not named stays. Other logs come without the added ones."""
    tenant, now = control.tenant, control.now
    settings = changed(tenant.setup.settings, values)
    before = tenant.setup
    end, shift = start_of(settings.now, now)
    is_same = not {"logs", "now", "growth", "allow_invalid"} & values.keys()
    source = before.source if is_same else (yield from _source(control, settings, end))
    setup = Setup(source, settings, end, shift)
    if is_same:
        setup = dataclasses.replace(setup, end=before.end, shift=before.shift)
    control.mock.tenants.change(control.tenant, setup)
    return show_settings(control)


def _source(control: Control, settings: Settings, end: float) -> Steps[Source]:
    """The source of these settings: one that is open already, or else opened now; raises Refused 403 for a file."""
    key, kind, opening = source_key(settings, end), read_source(settings.logs), control.reload.opening
    # Tests that run in parallel ask for the same logs: the first opens them for all.
    while (source := control.mock.tenants.opened(key)) is None and key in opening:
        yield PAUSE
    if source is not None:
        return source
    if kind.file:
        # A program that may reach the server need not be one that may read the file.
        sentence = "The control API opens no file that was not named at the start: mockserver serve --logs FILE does."
        raise Refused(403, "admin.file", sentence)
    opening.add(key)
    try:
        return (yield from opened_beside(kind, Opening(end, settings.growth)))
    finally:
        opening.discard(key)


@route("POST", "/reload")
def reload(control: Control) -> Steps[shapes.ReloadJson]:
    """Read the server's file of logs again, for all tenants, and return how many logs the default one has."""
    return control.reload.steps()


@route("POST", "/advance", read_seconds, body=shapes.AdvanceJson, example={"seconds": 3600})
def advance(control: Control, seconds: float) -> shapes.TimeJson:
    """Move the time of the tenant forward at once: logs that grow, tokens that expire, rate limits, outages."""
    control.tenant.advance(seconds)
    return {"time": control.moment, "ahead": control.tenant.ahead}


@route("POST", "/reset")
def reset(control: Control) -> None:
    """Return the tenant to the settings, rules, logs and time that it began with, and empty its journal."""
    control.tenant.reset()


@route("GET", "/verdict", refusals=[404])
def show_verdict(control: Control) -> shapes.ObjectJson:
    """The verdict on the deployment behind `mockserver proxy`, of all tenants' requests so far."""
    if control.verdict is None:
        raise Refused(404, "admin.no_verdict", "Only `mockserver proxy` judges what passes.")
    return control.verdict()
