"""A mock, a fault injector and a judge of one API operation: Logto's audit logs, ``GET /api/logs``.

The public names are imported when they are first used, so that importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mockserver.edge.app import create_app
    from mockserver.logs.traffic.provider import LogtoProvider
    from mockserver.mock.settings import Settings
    from mockserver.testing.harness import LogtoMock

__version__ = "0.1.0"
__all__ = ["LogtoMock", "LogtoProvider", "Settings", "__version__", "create_app"]

_HOMES = {
    "LogtoMock": "mockserver.testing.harness",
    "LogtoProvider": "mockserver.logs.traffic.provider",
    "Settings": "mockserver.mock.settings",
    "create_app": "mockserver.edge.app",
}


def __getattr__(name: str) -> Any:
    """The public object of that name; raises AttributeError for any other name."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
