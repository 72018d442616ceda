"""``import mockserver`` costs nothing, and gives the public names when they are used."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType

import pytest

import mockserver
from mockserver import strategies
from mockserver.testing import harness


def test_importing_the_package_imports_nothing_else() -> None:
    program = (
        "import importlib, sys, typing; before = set(sys.modules); import mockserver; print(*set(sys.modules) - before)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["mockserver"]


@pytest.mark.parametrize("name", mockserver.__all__)
def test_each_public_name_is_the_object_of_that_name(name: str) -> None:
    public = getattr(mockserver, name)
    assert name == "__version__" or public.__name__ == name


@pytest.mark.parametrize("module", [strategies, harness])
def test_a_module_has_each_name_that_it_makes_public(module: ModuleType) -> None:
    assert [name for name in module.__all__ if not hasattr(module, name)] == []


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"^module 'mockserver' has no attribute 'LogtoMok'$"):
        mockserver.LogtoMok  # noqa: B018  # the access itself is the test
    assert not hasattr(mockserver, "anything")
