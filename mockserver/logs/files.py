"""Whole files: written beside their place, then moved into it, so that no reader sees half a file."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for writing that replaces ``path`` when the block ends, or is deleted when the block fails.

    Raises OSError when the folder, or the file that is there, cannot be written to.
    """
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
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
    """Move the file into its place, with the rights of the file that is there, else with those of any new file; a
    temporary file is readable by its owner only."""
    mask = os.umask(0)
    os.umask(mask)
    os.chmod(part, path.stat().st_mode & 0o7777 if path.exists() else 0o666 & ~mask)
    os.replace(part, path)
