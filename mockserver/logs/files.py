"""Files that are either whole or not there: written beside their place, then put into it at once."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file to write that takes the place of ``path`` when the block ends, and is gone when the block fails.

    Raises OSError where the folder cannot be written to.
    """
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as part:
        try:
            yield part
            part.close()
            _publish(part.name, path)
        except BaseException:
            part.close()
            os.unlink(part.name)
            raise


def _publish(part: str, path: Path) -> None:
    """A temporary file is its owner's alone; give it the rights that any new file gets."""
    mask = os.umask(0)
    os.umask(mask)
    os.chmod(part, 0o666 & ~mask)
    os.replace(part, path)
