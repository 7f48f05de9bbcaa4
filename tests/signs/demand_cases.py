"""Small companies for the tests of the demand cluster: a market, its forecasts, and what people do to them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.engagement import Engagement
from helpers.evidence import Evidence, Sign, Verdict
from helpers.judgement.judge import judge
from tests import builders

FAMILIES = ("Bread", "Cakes", "Milk", "Oils", "Rice", "Teas")
REACH = 6


def products() -> pd.DataFrame:
    """One item in each of six families."""
    return builders.items(**{f"item_{family.lower()}": family for family in FAMILIES})


@cache
def _market(cycles: int, steps: float, noise: float, seed: int, since: int) -> pd.DataFrame:
    return _simulated(cycles, steps, noise, seed, since)


def market(cycles: int = 26, steps: float = 0.06, noise: float = 0.0, seed: int = 1, since: int = 12) -> pd.DataFrame:
    """Snapshots that learn `steps` of news a month; from cycle `since` on, `noise` is added inside the fence."""
    return _market(cycles, steps, noise, seed, since).copy()


def _simulated(cycles: int, steps: float, noise: float, seed: int, since: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    months = builders.cycles(cycles + REACH)
    rows = []
    for family in FAMILIES:
        news = steps * random.standard_normal((len(months), REACH + 1))
        for c in range(cycles):
            for k in range(min(REACH, len(months) - c - 1) + 1):
                level = 1000 * np.exp(news[c + k, k:].sum())
                late = noise * random.standard_normal() if k < 2 and c >= since else 0.0
                rows.append((months[c], f"item_{family.lower()}", months[c + k], level * np.exp(late)))
    return pd.DataFrame(rows, columns=["cycle", "item_id", "period", "quantity"])


def realised(snapshots: pd.DataFrame, steps: float = 0.06, seed: int = 2) -> pd.DataFrame:
    """Demand of each closed month: the far forecast of the last step plus news that no forecast had."""
    random = np.random.default_rng(seed)
    settled = snapshots[snapshots["period"] == snapshots["cycle"]]
    return pd.DataFrame(
        {
            "period": settled["period"],
            "item_id": settled["item_id"],
            "quantity": settled["quantity"] * np.exp(steps * random.standard_normal(len(settled))),
        }
    )


def measured(sign_module: object, engagement: Engagement, path: str) -> tuple[Evidence, Verdict]:
    """Evidence and verdict of a sign on one of its paths."""
    sign: Sign = sign_module.SIGN  # type: ignore[attr-defined]
    chosen = next(candidate for candidate in sign.paths if candidate.name == path)
    evidence = sign_module.gather(engagement, chosen)  # type: ignore[attr-defined]
    return evidence, judge(sign, evidence, engagement.calendar)


def assert_known_then(full: Evidence, then: Evidence, day: pd.Timestamp) -> None:
    """Flags and confirmations known on `day` are the same in the full run and in a run as of that day."""
    flags = [e.flags[e.flags["known_on"] <= day].reset_index(drop=True) for e in (full, then)]
    pd.testing.assert_frame_equal(flags[0], flags[1], check_dtype=False)
    tests = [_tests(e, day) for e in (full, then)]
    pd.testing.assert_frame_equal(tests[0], tests[1], check_dtype=False)


def _tests(evidence: Evidence, day: pd.Timestamp) -> pd.DataFrame:
    known = evidence.confirmations[evidence.confirmations["cycle"] <= day]
    rows = known.assign(met=known["met"].map({True: 1.0, False: 0.0}).astype(float))
    return rows.sort_values(["name", "cycle"], ignore_index=True)


def company(folder: Path, as_of: str | None = None, **tables: pd.DataFrame) -> Engagement:
    """An engagement over `tables` and the six products."""
    return builders.engagement(folder, {"items": products(), **tables}, as_of)
