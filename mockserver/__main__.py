"""The program: ``mockserver``, or ``python -m mockserver`` without the installed script."""

from __future__ import annotations

import os
import signal
import sys


def main() -> None:
    """Run the command line.

    Until there is a server, there is nothing to close: a signal then ends ``serve`` at once, with exit code 0. The
    handlers are set before anything else is imported, since the imports take most of that time.
    """
    if sys.argv[1:2] == ["serve"]:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: os._exit(0))
    from mockserver.cli import main as run

    run()


if __name__ == "__main__":
    main()
