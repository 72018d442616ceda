"""Presets: rules that belong together, under the name of the trouble that they imitate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Preset:
    """Rule texts that are armed together, in order. Each is as its rule prints it, because the console shows both."""

    name: str
    sentence: str
    rules: tuple[str, ...]


PRESETS: Mapping[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset("No logs", "The deployment has no logs: every list is empty.", ("empty_list",)),
        Preset("Session expired", "Every request is answered 401.", ("status:code=401",)),
        Preset("Forbidden", "Every request is answered 403.", ("status:code=403",)),
        Preset(
            "Too many requests",
            "Every request is answered 429, to be sent again after 5 s.",
            ("status:code=429,retry_after=5",),
        ),
        Preset("Server error", "Every request is answered 500.", ("status:code=500",)),
        Preset("Malformed head", "Every answer has a line in its head that is no header.", ("malformed_head",)),
        Preset(
            "Slow network",
            "Answers are about two seconds late, each by another time, and arrive slowly.",
            ("latency:distribution=lognormal,median=2,sigma=0.4", "dribble:seconds=1"),
        ),
        Preset(
            "Flaky backend",
            "One request in four fails: most with 503, some by a broken connection.",
            ("status:code=503,retry_after=1,rate=0.2", "reset:rate=0.06"),
        ),
        Preset("Outage", "Down for ten seconds, up for ten, and so on.", ("outage:period=20,duration=10",)),
    )
}
