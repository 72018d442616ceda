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
        Preset("Expired session", "Every request is answered 401.", ("status:code=401",)),
        Preset("Forbidden", "Every request is answered 403.", ("status:code=403",)),
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
