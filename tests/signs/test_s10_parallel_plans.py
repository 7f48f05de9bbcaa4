"""S10: the functions' own plans, and decisions outside the meeting."""

from __future__ import annotations

from pathlib import Path as Folder

import numpy as np
import pandas as pd
import pytest

from helpers.engagement import Engagement
from helpers.errors import NotAssessable
from helpers.evidence import Evidence
from helpers.judgement.judge import judge
from helpers.signs.s10_parallel_plans import SIGN, gather
from tests import builders
from tests.signs.replay import assert_same_as_of

PATHS = {path.name: path for path in SIGN.paths}
FAMILIES = ("Bread", "Milk", "Jam")
VIEWS = {"sales": 1.15, "operations": 0.92, "procurement": 1.05, "finance": 0.90}
CYCLES = builders.cycles(16)


def plans(
    kept: dict[str, float], before: dict[str, float] | None = None, noise: float = 0.0, seed: int = 1
) -> pd.DataFrame:
    """Each function plans 1,000 times its view before the meeting and 1,000 times `kept` after it, six months ahead."""
    random = np.random.default_rng(seed)
    rows = []
    for cycle in CYCLES:
        for version, views in (("before", before or VIEWS), ("after", kept)):
            for function, view in views.items():
                for family in FAMILIES:
                    shifts = np.exp(random.normal(0.0, noise if version == "before" else 0.0, 6))
                    periods = pd.date_range(cycle, periods=6, freq="MS")
                    quantities = 1000 * view * shifts
                    rows += [
                        (cycle, function, family, *cell, version) for cell in zip(periods, quantities, strict=True)
                    ]
    return pd.DataFrame(rows, columns=["cycle", "function", "family", "period", "quantity", "version"])


def decisions(outside: int, of: int = 8, **more: object) -> pd.DataFrame:
    """`of` decisions a cycle, raised on its third day and decided five days later, `outside` of them informally."""
    rows = pd.DataFrame([(cycle, k) for cycle in CYCLES for k in range(of)], columns=["cycle", "k"])
    raised = rows["cycle"] + pd.Timedelta(days=2)
    columns = {
        "decision_id": [f"{cycle:%y%m}-{k}" for cycle, k in zip(rows["cycle"], rows["k"], strict=True)],
        "cycle": rows["cycle"],
        "family": [FAMILIES[k % 3] for k in rows["k"]],
        "raised_on": raised,
        "decided_on": raised + pd.Timedelta(days=5),
        "forum": np.where(rows["k"] < outside, "informal", "s_and_op"),
    }
    return pd.DataFrame({**columns, **more})


def opened(folder: Folder, day: str | None = None, **tables: pd.DataFrame) -> Engagement:
    """An engagement over three families and the given tables, with demand of 1,000 a month."""
    items = builders.items(a="Bread", b="Milk", c="Jam")
    periods = pd.date_range("2023-01-01", "2025-05-01", freq="MS")
    demand = pd.DataFrame([(p, i) for p in periods for i in "abc"], columns=["period", "item_id"]).assign(
        quantity=1000.0
    )
    return builders.engagement(folder, {"items": items, "actual_demand": demand, **tables}, as_of=day)


def seen(folder: Folder, path: str, **tables: pd.DataFrame) -> tuple[Evidence, Engagement]:
    """Evidence on `path`."""
    engagement = opened(folder, **tables)
    assert engagement.has(*PATHS[path].needs)
    return gather(engagement, PATHS[path]), engagement


def series(evidence: Evidence, name: str) -> pd.Series:
    """One metric by name."""
    return next(metric.values for metric in evidence.metrics if metric.name == name)


AGREED = dict.fromkeys(VIEWS, 1.0)


@pytest.mark.case("fires")
def test_plans_that_the_meeting_does_not_change_recur(tmp_path: Folder) -> None:
    """Four functions keep their own number: nothing of the spread is closed."""
    evidence, engagement = seen(tmp_path, "reduced A", function_plans=plans(kept=VIEWS))

    assert judge(SIGN, evidence, engagement.calendar).status == "recurring"
    assert series(evidence, "convergence").tolist() == pytest.approx([0.0] * 16, abs=1e-12)


@pytest.mark.case("fires")
def test_decisions_taken_outside_the_meeting_recur(tmp_path: Folder) -> None:
    """Three of eight decisions a cycle taken informally are 37.5 %, over the limit of 25 %."""
    evidence, engagement = seen(tmp_path, "minimum B", decisions=decisions(outside=3))

    assert judge(SIGN, evidence, engagement.calendar).status == "recurring"
    assert series(evidence, "off_forum_share").iloc[0] == 3 / 8


@pytest.mark.case("fires")
def test_the_same_positions_every_cycle_recur_without_numbers_after_the_meeting(tmp_path: Folder) -> None:
    """Before-values only: a spread of 11 % that comes back unchanged is a parallel plan."""
    positions = plans(kept=AGREED).query("version == 'before'").drop(columns="version")
    evidence, engagement = seen(tmp_path, "minimum A", function_plans=positions)

    assert judge(SIGN, evidence, engagement.calendar).status == "recurring"
    assert series(evidence, "carry_over").dropna().tolist() == pytest.approx([1.0] * 15)


@pytest.mark.case("quiet")
def test_functions_that_disagree_before_and_agree_after_are_absent(tmp_path: Folder) -> None:
    """A lively meeting that settles on one number is what it is for."""
    evidence, engagement = seen(tmp_path, "reduced A", function_plans=plans(kept=AGREED, noise=0.1))

    assert judge(SIGN, evidence, engagement.calendar).status == "absent"


@pytest.mark.case("quiet")
def test_opinions_that_are_new_each_cycle_are_absent(tmp_path: Folder) -> None:
    """Wide but renewed positions before the meeting do not come back, so they do not count."""
    same = dict.fromkeys(VIEWS, 1.0)
    positions = plans(kept=AGREED, before=same, noise=0.2).query("version == 'before'").drop(columns="version")
    evidence, engagement = seen(tmp_path, "minimum A", function_plans=positions)

    assert judge(SIGN, evidence, engagement.calendar).status == "absent"


def test_a_quarrel_of_two_is_left_to_sign_two(tmp_path: Folder) -> None:
    """Only Sales keeps its number after the meeting: one function apart is not a parallel organisation."""
    evidence, _ = seen(tmp_path, "reduced A", function_plans=plans(kept={**AGREED, "sales": 1.30}))

    assert not evidence.flags["breach"].any()


@pytest.mark.case("limit")
@pytest.mark.parametrize(("outside", "breach"), [(2, True), (1, False)], ids=["a quarter", "an eighth"])
def test_a_quarter_of_the_decisions_is_the_limit(tmp_path: Folder, outside: int, breach: bool) -> None:
    """2 of 8 reach 25 %; 1 of 8 does not."""
    evidence, _ = seen(tmp_path, "minimum B", decisions=decisions(outside))

    assert evidence.flags.set_index("label").loc["2025-04-01", "breach"] == breach


@pytest.mark.case("not_assessable")
def test_two_functions_without_a_decision_log_are_not_assessable(tmp_path: Folder) -> None:
    """Their spread would be the gap of sign 2 once more."""
    two = plans(kept=AGREED).query("function in ['sales', 'operations']")

    with pytest.raises(NotAssessable) as raised:
        gather(opened(tmp_path, function_plans=two), PATHS["reduced A"])
    assert raised.value.missing == ("function_plans.quantity", "decisions.forum")


@pytest.mark.case("not_assessable")
def test_fewer_than_twenty_decisions_are_not_assessable(tmp_path: Folder) -> None:
    """16 decisions in all are too few for shares of decisions."""
    with pytest.raises(NotAssessable):
        gather(opened(tmp_path, decisions=decisions(outside=1, of=1)), PATHS["minimum B"])


def test_an_escalation_under_a_rule_counts_as_inside(tmp_path: Folder) -> None:
    """Two escalations a cycle, one of them under a rule: one of eight is outside."""
    log = decisions(outside=0)
    rank = log.groupby("cycle").cumcount()
    log["forum"] = log["forum"].mask(rank < 2, "escalation")
    log["rule_id"] = pd.Series(np.where(rank == 0, "R1", None), dtype="str")
    evidence, _ = seen(tmp_path, "minimum B", decisions=log)

    assert series(evidence, "off_forum_share").iloc[0] == 1 / 8


def test_a_decision_after_the_fact_is_outside(tmp_path: Folder) -> None:
    """What was executed before it was decided was not decided in the meeting."""
    log = decisions(outside=0)
    log["executed_on"] = log["decided_on"] - pd.Timedelta(days=1)
    evidence, _ = seen(tmp_path, "minimum B", decisions=log)

    assert series(evidence, "off_forum_share").iloc[0] == 1.0


def test_badly_run_decisions_recur_without_a_forum(tmp_path: Folder) -> None:
    """Decided ten weeks after they were raised, and every second without an owner: two weak measures."""
    log = decisions(outside=0).drop(columns="forum")
    log["decided_on"] = log["raised_on"] + pd.Timedelta(days=70)
    log["owner"] = pd.Series(np.where(np.arange(len(log)) % 2, "planner", None), dtype="str")
    evidence, engagement = seen(tmp_path, "minimum B", decisions=log)

    assert judge(SIGN, evidence, engagement.calendar).status == "recurring"


def test_plan_changes_without_any_decision_raise_the_weak_path(tmp_path: Folder) -> None:
    """Plans that swing by a third each cycle in families without a decision are orphans."""
    rows = [
        (cycle, "line", item, period, 900.0 + 300 * (k % 2))
        for k, cycle in enumerate(CYCLES)
        for item in "abc"
        for period in pd.date_range(cycle, periods=4, freq="MS")
    ]
    plan = pd.DataFrame(rows, columns=["cycle", "resource_id", "item_id", "period", "quantity"])
    log = decisions(outside=0).drop(columns=["forum", "decided_on"]).query("family == 'Bread'")
    evidence, engagement = seen(tmp_path, "minimum C", production_plan_snapshots=plan, decisions=log)

    assert series(evidence, "orphan_share").iloc[0] == pytest.approx(2 / 3)
    assert judge(SIGN, evidence, engagement.calendar).status == "recurring"


@pytest.mark.case("invariant")
def test_scale_and_row_order_change_nothing(tmp_path: Folder) -> None:
    """Plans in pallets instead of pieces, shuffled, give the same flags."""
    table = plans(kept=VIEWS, noise=0.05)
    plain, _ = seen(tmp_path / "plain", "reduced A", function_plans=table)
    pallets = table.sample(frac=1, random_state=2).assign(quantity=lambda t: t["quantity"] / 48)
    other, _ = seen(tmp_path / "other", "reduced A", function_plans=pallets)

    pd.testing.assert_frame_equal(plain.flags, other.flags, rtol=1e-9)


@pytest.mark.case("as_of")
@pytest.mark.parametrize("path", ["full", "minimum A"])
def test_a_full_run_says_of_the_past_what_a_run_of_that_day_said(tmp_path: Folder, path: str) -> None:
    """Decisions taken, executed or reversed later, and output made later, change nothing before."""
    random = np.random.default_rng(3)
    log = decisions(outside=3)
    days = lambda low, high: pd.to_timedelta(random.integers(low, high, len(log)), unit="D")  # noqa: E731
    log["decided_on"] = (log["raised_on"] + days(0, 100)).mask(random.random(len(log)) < 0.1)
    log["due_on"] = log["raised_on"] + days(20, 90)
    log["executed_on"] = log["due_on"] + days(-30, 60)
    log["owner"] = pd.Series(np.where(random.random(len(log)) < 0.7, "planner", None), dtype="str")
    periods = pd.date_range("2024-01-01", "2025-04-01", freq="MS")
    made = pd.DataFrame([(p, i) for p in periods for i in "abc"], columns=["planned_start", "item_id"])
    made = made.assign(
        production_order_id=[str(k) for k in range(len(made))],
        resource_id="line",
        planned_quantity=1000.0,
        actual_finish=made["planned_start"] + pd.to_timedelta(random.integers(0, 50, len(made)), unit="D"),
        actual_quantity=random.normal(1000, 80, len(made)),
    )
    consensus = plans(kept=AGREED).query("version == 'after' and function == 'sales'")
    names = {"Bread": "a", "Milk": "b", "Jam": "c"}
    forecast = consensus.assign(item_id=consensus["family"].map(names))[["cycle", "item_id", "period", "quantity"]]
    tables = {
        "function_plans": plans(kept=VIEWS, noise=0.1),
        "decisions": log,
        "production_orders": made,
        "forecast_snapshots": forecast,
    }

    def open_at(day: str | None) -> Engagement:
        return opened(tmp_path / (day or "end"), day, **tables)

    assert_same_as_of(gather, PATHS[path], open_at, ["2024-05-01", "2024-10-01", "2025-02-01"])


def test_plans_and_output_are_drawn_against_the_consensus_and_decisions_by_outcome(tmp_path: Folder) -> None:
    """Functions that keep their views lie where they said, three of eight decisions were taken elsewhere."""
    kept = dict(zip(VIEWS, (1.2, 1.0, 1.0, 0.9), strict=True))
    planned, _ = seen(tmp_path / "a", "reduced A", function_plans=plans(kept))
    decided, _ = seen(tmp_path / "b", "minimum B", decisions=decisions(outside=3))
    index = planned.charts[2].rows.groupby("who")["index"].mean()
    counts = decided.charts[-1].rows.groupby("outcome")["decisions"].agg(["min", "max"])

    assert index.to_dict() == pytest.approx({"consensus": 1.0, **kept})
    assert planned.charts[2].x == "cycle"
    assert planned.charts[2].look.beside == ("consensus",)
    assert counts.loc["outside the meeting"].tolist() == [3, 3]
    assert counts.loc["in the meeting"].tolist() == [5, 5]
