"""``mockserver token`` prints a token as the options say, right or wrong on purpose."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.mock import tokens
from tests.cli.conftest import Run


def claims(printed: str) -> dict[str, Any]:
    assert printed.count("\n") == 1
    return dict(tokens.verified_claims(printed.strip()))


def test_the_token_alone_is_printed_and_has_the_claims_of_the_options(run: Run) -> None:
    usual = claims(run("token")[1])
    assert usual["exp"] - usual["iat"] == 3600
    assert (usual["scope"], usual["iss"], usual["aud"]) == ("all", tokens.ISSUER, "https://default.logto.app/api")
    other = claims(
        run(
            "token", "--scope", "a b", "--issuer", "https://x.example.com", "--expires-in", "-60", "--claim", "n=[1]",
            "--claim", 'sub="ü"', "--drop", "jti", "--drop", "unheard-of",
        )[1]
    )  # fmt: skip
    assert other["exp"] - other["iat"] == -60
    assert (other["scope"], other["iss"], other["n"], other["sub"]) == ("a b", "https://x.example.com", [1], "ü")
    assert "jti" not in other


@pytest.mark.parametrize(
    "arguments", [["--sign", "none"], ["--sign", "hs256"], ["--tamper", "payload"], ["--header", 'kid="x"']]
)
def test_a_token_that_is_wrong_on_purpose_is_printed_and_refused(run: Run, arguments: list[str]) -> None:
    code, out, _ = run("token", *arguments)
    assert (code, out.count(".")) == (0, 2)
    with pytest.raises(Exception, match=r"auth\.unauthorized"):
        tokens.verified_claims(out.strip())
