"""Verdicts: what the judge says of a whole deployment, or of the answers that a test got, as a test asserts it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from mockserver.contract.profile import ProfileName
from mockserver.judge.connection import logs_address
from mockserver.judge.known import OBSERVED, Deviation, deviations
from mockserver.judge.limits import limits
from mockserver.judge.passive import PassiveJudge
from mockserver.judge.probe import PLAIN
from mockserver.judge.report import text
from mockserver.judge.report.record import record
from mockserver.judge.run import Judge, RunOptions
from mockserver.judge.secrets import Secrets
from mockserver.judge.verdict import Verdict


@dataclass(frozen=True, slots=True, repr=False)
class Judgement:
    """The ``verdict``, and the ``text`` that ``mockserver check`` would print of it, without any personal value."""

    verdict: Verdict
    text: str

    def __repr__(self) -> str:
        return f"<{self.text.splitlines()[-1]}>"

    @property
    def kept(self) -> bool:
        """Whether logs were judged and the contract is kept; nothing judged is nothing kept."""
        return self.verdict.exit_code == 0


def judged(url: str, token: str, profile: ProfileName) -> Judgement:
    """Judge the deployment at a base URL as ``mockserver check`` does, at the depth that is right for where it is.

    ``profile`` observed: what is known of real deployments is no finding.
    """
    address = logs_address(url)
    case = RunOptions(
        address,
        limits(None, address.loopback, None, None, None),
        token=token,
        deviations=_known(profile),
        strict=address.loopback,
    )
    secrets = Secrets(public=PLAIN.curl(address.url))
    secrets.add_credential(token, "MOCKSERVER_TOKEN")
    verdict = Judge(case, secrets).run()
    return Judgement(verdict, text(record(verdict, secrets, bodies=False)))


def witness(profile: ProfileName) -> PassiveJudge:
    """A judge of single answers: ``assert_kept(response)`` takes those of httpx and requests."""
    return PassiveJudge(_known(profile))


def _known(profile: ProfileName) -> tuple[Deviation, ...]:
    if profile == "documented":
        return ()
    return deviations(OBSERVED, datetime.datetime.now(datetime.UTC).date())
