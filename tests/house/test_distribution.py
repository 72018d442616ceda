"""The wheel and the source distribution hold all that the program needs."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


def python(*arguments: str, cwd: Path, **more: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=os.environ | more, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def files(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the source distribution."""
    folder = tmp_path_factory.mktemp("dist")
    python("-m", "hatchling", "build", "-d", str(folder), cwd=ROOT)
    return folder


def test_the_program_works_from_the_wheel(built: Path, tmp_path: Path) -> None:
    """The wheel comes before the editable package on the path of modules."""
    wheel = next(built.glob("logto_mockserver-*-py3-none-any.whl"))
    zipfile.ZipFile(wheel).extractall(tmp_path)
    scripts = next(tmp_path.glob("*.dist-info")) / "entry_points.txt"
    assert "logto-mockserver = mockserver.__main__:main\nmockserver = mockserver.__main__:main" in scripts.read_text()
    used = python("-c", "import mockserver; print(mockserver.__file__)", cwd=tmp_path)
    assert Path(used.strip()) == tmp_path / "mockserver" / "__init__.py"
    logs = python("-m", "mockserver", "generate", "seeded", cwd=tmp_path)
    assert logs.count("\n") > 10


def test_the_source_distribution_builds_the_same_wheel(built: Path, tmp_path: Path) -> None:
    source = next(built.glob("logto_mockserver-*.tar.gz"))
    python("-m", "tarfile", "--extract", str(source), cwd=tmp_path)
    folder = tmp_path / source.name.removesuffix(".tar.gz")
    python("-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path), cwd=folder)
    assert files(next(tmp_path.glob("*.whl"))) == files(next(built.glob("*.whl")))
