"""Verdicts: what the judge says about a whole deployment, and about the replies that a test received."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.judge.known import known_deviations
from mockserver.judge.limits import limits
from mockserver.judge.probe import PLAIN
from mockserver.judge.report import text
from mockserver.judge.report.record import record
from mockserver.judge.route import logs_address
from mockserver.judge.run import Judge, RunOptions
from mockserver.judge.secrets import Secrets
from mockserver.judge.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Judgement:
    """The ``verdict``, and the ``text`` that ``mockserver check`` prints for it, without any personal value."""

    verdict: Verdict
    text: str

    def __repr__(self) -> str:
        return f"<{self.text.splitlines()[-1]}>"

    @property
    def kept(self) -> bool:
        """Whether logs were judged and keep the contract; False when nothing could be judged."""
        return self.verdict.exit_code == 0


def judged(url: str, token: str, profile: str) -> Judgement:
    """Judge the deployment at a base URL as ``mockserver check`` does, with its default depth and limits.

    With the profile ``observed``, the known deviations of real deployments are no findings.
    """
    address = logs_address(url)
    limit = limits(None, address.loopback, None, None, None)
    deviations, strict = known_deviations(profile), address.loopback
    options = RunOptions(address, limit, token=token, deviations=deviations, profile=profile, strict=strict)
    secrets = Secrets(public=PLAIN.curl(address.url))
    secrets.add_credential(token, "MOCKSERVER_TOKEN")
    verdict = Judge(options, secrets).run()
    return Judgement(verdict, text(record(verdict, secrets, bodies=False)))
