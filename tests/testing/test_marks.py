"""Marks become settings, and node ids become names of tenants."""

from __future__ import annotations

import dataclasses
import re
from typing import get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockserver.contract.document import contract
from mockserver.contract.errors import MockserverError
from mockserver.contract.profile import ProfileName
from mockserver.mock.settings import TENANT_SETTINGS, Settings, TenantSettings
from mockserver.pytest_plugin import INI
from mockserver.testing.harness import mark_settings, tenant_of


def test_without_arguments_a_test_has_the_curated_logs_and_the_defaults_of_serve() -> None:
    assert mark_settings([]) == Settings(port=0, logs="seeded")


def test_the_types_of_the_settings_are_told_to_type_checkers() -> None:
    assert set(TenantSettings.__annotations__) == set(TENANT_SETTINGS)


def test_the_first_mapping_with_an_argument_decides() -> None:
    near, far = {"logs": "faker", "faults": ["empty"]}, {"logs": "hypothesis", "profile": "observed"}
    expected = Settings(port=0, logs="faker", faults=("empty",), profile="observed")
    assert mark_settings([near, far]) == expected


def test_the_type_of_every_argument_is_checked() -> None:
    for name in TENANT_SETTINGS:
        with pytest.raises(MockserverError, match=rf"logto mark: {name}: found <object .*>, expected "):
            mark_settings([{name: object()}])
    own = {"host", "port", "admin_token", "base_url", "trusted_proxy"}
    assert {*TENANT_SETTINGS, *own} == {field.name for field in dataclasses.fields(Settings)}


@pytest.mark.parametrize(("name", "value"), [("link_base", "observed"), ("allow_invalid", True), ("growth", 2)])
def test_an_argument_of_its_type_is_accepted(name: str, value: object) -> None:
    assert getattr(mark_settings([{"profile": "observed", name: value}]), name) == value


def test_the_help_of_the_ini_options_names_their_defaults_and_the_profiles() -> None:
    """The plugin cannot read them: it imports nothing of the package before a fixture is used."""
    for name, text in INI.items():
        default = getattr(mark_settings([]), name.removeprefix("logto_"))
        assert text.endswith(f" (default: {default})")
    *profiles, last = get_args(ProfileName)
    assert f": {', '.join(profiles)} or {last} (" in INI["logto_profile"]


@given(st.text())
@example("tests/test_a.py::TestScreen::test_that_a_very_long_name[of-a-parameter]")
@example("test_")
@example("ünïcödé")
def test_every_test_has_a_tenant_with_a_legal_name(test: str) -> None:
    name = tenant_of(test)
    assert re.fullmatch(r"[a-z0-9-]+", name)
    assert len(name) <= contract().longest_tenant
    assert name == tenant_of(test)
    assert not name.startswith("-")


def test_the_name_contains_that_of_the_test_and_is_unique() -> None:
    first, second = tenant_of("tests/a.py::test_retry"), tenant_of("tests/b.py::test_retry")
    assert first != second
    assert {first[:6], second[:6]} == {"retry-"}
