"""The process around the signs: does the cadence fit, does the fence, who has which role, and what people say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from helpers.engagement import Engagement
from helpers.evidence import Finding
from helpers.judgement.breach import limits_in_force
from helpers.measures import interviews, pace
from helpers.measures.cadence import Times, times
from helpers.measures.pace import CadenceTest, Pace, SignLimits
from helpers.measures.roles import Roles, roles
from helpers.signs import registry

# The signs that measure what the cadence leans on: sign number and metric.
BORROWED = {
    "off_forum": (10, "off_forum_share"),
    "orphans": (10, "orphan_share"),
    "noise": (1, "noise_share"),
    "amplification_six": (4, "plan_amplification_six_cycles"),
}


@dataclass(frozen=True, eq=False)
class Cadence:
    """The client's clock, the tests for too slow and too fast, and what they say together."""

    times: Times
    slow: tuple[CadenceTest, ...]
    fast: tuple[CadenceTest, ...]
    pace: Pace
    fence_declared: bool

    @property
    def missing(self) -> tuple[str, ...]:
        """The columns that tests without an answer would need, each once."""
        return tuple(dict.fromkeys(need for test in (*self.slow, *self.fast) for need in test.missing))


@dataclass(frozen=True, eq=False)
class Interviews:
    """What people say: `by_function` and, beside the statuses, `by_sign`; `missing` where nobody was asked."""

    by_function: pd.DataFrame
    by_sign: pd.DataFrame
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Process:
    """Cadence, roles and interviews of a run; they explain the signs and change none of them."""

    cadence: Cadence
    roles: Roles
    interviews: Interviews


def process(engagement: Engagement, findings: Sequence[Finding]) -> Process:
    """Cadence, roles and interviews as known on the as-of date."""
    said = interviews.answers(engagement)
    statuses = {finding.sign.number: finding.verdict.status for finding in findings}
    return Process(
        cadence=cadence(engagement),
        roles=roles(engagement),
        interviews=Interviews(
            interviews.by_function(said),
            interviews.perceptions(said, statuses),
            engagement.missing(*interviews.NEEDS),
        ),
    )


def cadence(engagement: Engagement) -> Cadence:
    """Whether the cycle is too slow, too fast, both or fits."""
    clock, limits = times(engagement), sign_limits(engagement)
    slow, fast = pace.too_slow(engagement, clock, limits), pace.too_fast(engagement, clock, limits)
    declared = "time_fences" in engagement.settings.model_fields_set
    return Cadence(clock, slow, fast, pace.pace(slow, fast), declared)


def sign_limits(engagement: Engagement) -> SignLimits:
    """Amber of the metrics that cadence and signs share, with the client's overrides."""
    signs = {entry.sign.number: limits_in_force(entry.sign, engagement.settings) for entry in registry()}
    return SignLimits(**{name: signs[number][metric].amber for name, (number, metric) in BORROWED.items()})
