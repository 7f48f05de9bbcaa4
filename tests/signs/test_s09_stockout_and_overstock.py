"""S9: shortage beside excess over all nodes."""

from __future__ import annotations

from pathlib import Path as Folder

import numpy as np
import pandas as pd
import pytest

from helpers.engagement import Engagement
from helpers.errors import NotAssessable
from helpers.evidence import Evidence
from helpers.judgement.judge import judge
from helpers.signs.s09_stockout_and_overstock import SIGN, gather
from tests import builders
from tests.signs import stock_cases as cases
from tests.signs.replay import assert_same_as_of

PATHS = {path.name: path for path in SIGN.paths}
ITEMS, PERIODS = 40, 24
SAFETY = 1.645 * cases.RISK * np.sqrt(2)
SIGMA = cases.RISK * np.sqrt(2)


def stock(misfit: float, seed: int = 2, wander: bool = False) -> pd.DataFrame:
    """Stock around its middle: `misfit` sigmas too low for half of the nodes and too high for the other half.

    With `wander` the halves are drawn anew each month: as uneven, and nobody's habit.
    """
    random = np.random.default_rng(seed)
    rows = cases.grid(ITEMS, PERIODS)
    habit = np.where(rows["item_id"].str[1:].astype(int) % 4 < 2, 1.0, -1.0)  # in both families
    side = np.where(random.random(len(rows)) < 0.5, 1.0, -1.0) if wander else habit
    net = SAFETY + SIGMA * (misfit * side + random.normal(0.0, 0.9, len(rows)))
    return rows.assign(on_hand=np.clip(net, 0, None), backorders=np.clip(-net, 0, None), safety_stock=SAFETY)


def opened(folder: Folder, held: pd.DataFrame, day: str | None = None, **settings: object) -> Engagement:
    """The network around this stock."""
    asked = cases.demand(ITEMS, periods=PERIODS)
    return builders.engagement(folder, cases.network(ITEMS, held, asked), as_of=day, **settings)


def seen(folder: Folder, held: pd.DataFrame, path: str = "full", **settings: object) -> tuple[Evidence, Engagement]:
    """Evidence on `path`."""
    engagement = opened(folder, held, **settings)
    assert engagement.has(*PATHS[path].needs)
    return gather(engagement, PATHS[path]), engagement


@pytest.mark.case("fires")
@pytest.mark.parametrize("path", ["full", "reduced", "minimum"])
def test_half_the_nodes_too_low_and_half_too_high_recur(tmp_path: Folder, path: str) -> None:
    """Three sigmas of habitual misfit within each family give shortage and excess at once, with the same nodes."""
    evidence, engagement = seen(tmp_path, stock(3.0), path)

    assert judge(SIGN, evidence, engagement.calendar).status == "recurring"


@pytest.mark.case("quiet")
@pytest.mark.parametrize("path", ["full", "minimum"])
def test_stock_that_wanders_within_its_risk_is_absent(tmp_path: Folder, path: str) -> None:
    """Nodes around their middle with the spread that risk gives do not breach."""
    evidence, engagement = seen(tmp_path, stock(0.0), path)

    assert judge(SIGN, evidence, engagement.calendar).status == "absent"


def test_too_much_everywhere_is_not_a_matter_of_mix(tmp_path: Folder) -> None:
    """Every node five sigmas high: no shortage, so the headline and the smaller of the two ratios stay 0."""
    held = stock(0.0)
    evidence, _ = seen(tmp_path, held.assign(on_hand=held["on_hand"] + 5 * SIGMA, backorders=0.0))

    series = {metric.name: metric.values.dropna() for metric in evidence.metrics}
    assert (series["structural_misfit"] == 0).all()
    assert (series["joint_excess"] == 0).all()


def test_a_family_that_moves_together_is_a_step_and_no_matter_of_mix(tmp_path: Folder) -> None:
    """One family two sigmas low and the other two high: inside each the stock only wanders, so little stands off."""
    held = stock(0.0)
    side = np.where(held["item_id"].str[1:].astype(int) % 2, 2.0, -2.0) * SIGMA
    net = held["on_hand"] - held["backorders"] + side
    moved = held.assign(on_hand=np.clip(net, 0, None), backorders=np.clip(-net, 0, None))
    together, _ = seen(tmp_path / "together", moved)
    apart, _ = seen(tmp_path / "apart", stock(2.0))

    assert together.metrics[0].values.max() < 0.8
    assert apart.metrics[0].values.iloc[-1] > 1.2


def test_misfit_of_the_same_nodes_is_structural_and_of_changing_ones_is_not(tmp_path: Folder) -> None:
    """The share of variance between nodes is high for a habit and low for chance."""
    habit, _ = seen(tmp_path / "habit", stock(2.0))
    chance, _ = seen(tmp_path / "chance", stock(2.0, wander=True))

    last = [evidence.discriminators.query("name == 'D5'")["value"].iloc[-1] for evidence in (habit, chance)]
    assert last[0] > 0.6
    assert last[1] < 0.3


@pytest.mark.parametrize(("path", "met"), [("full", True), ("minimum", None)])
def test_nodes_far_apart_confirm_before_six_cycles_and_only_with_full_data(
    tmp_path: Folder, path: str, met: bool | None
) -> None:
    """Three months after a habit of three sigmas began, the spread confirms; what stays is still mostly the old mix."""
    calm, habit = stock(0.0), stock(3.0)
    began = habit["period"] >= habit["period"].max() - pd.DateOffset(months=2)
    evidence, engagement = seen(tmp_path, calm.where(~began, habit), path)

    now = evidence.confirmations[evidence.confirmations["cycle"] == engagement.calendar.cycles[-1]]
    outcome = now.set_index("name")["met"]
    assert outcome.get("nodes stand further apart than risk explains") is met
    assert not outcome["the misfit stays with the same nodes"]


def test_a_standing_item_of_the_agenda_is_no_evidence_on_the_cause(tmp_path: Folder) -> None:
    """Stock allocation decided for all families each month leaves D3 out after six; for one of two it stays."""
    tables = cases.network(ITEMS, stock(3.0), cases.demand(ITEMS, periods=PERIODS))
    cycles = cases.months(PERIODS)
    routine = pd.DataFrame(
        {
            "decision_id": [f"d{k}" for k in range(PERIODS)],
            "cycle": cycles,
            "topic": "allocation of stock",
            "raised_on": cycles,
            "decided_on": cycles,
        }
    )
    shares = {}
    for name, kept in {"all": 1, "one": PERIODS}.items():
        family = pd.Series("family 0", index=range(kept)).reindex(range(PERIODS))
        log = {**tables, "decisions": routine.assign(family=family)}
        told = gather(builders.engagement(tmp_path / name, log), PATHS["full"]).discriminators
        shares[name] = told[told["name"] == "D3"].set_index("label")["value"]

    assert (shares["one"].tail(6) > 0.2).all()
    assert not shares["all"].index.isin(shares["one"].tail(6).index).any()


def test_a_shortage_that_another_site_could_cover_is_counted(tmp_path: Folder) -> None:
    """10 short at one site and far more than that in excess at the other: all of it could have been covered."""
    rows = stock(0.0)
    west = rows.assign(location_id="west", on_hand=0.0, backorders=10.0)
    east = rows.assign(location_id="east", on_hand=40 * SIGMA, backorders=0.0)
    asked = cases.demand(ITEMS, periods=PERIODS)
    both = pd.concat([asked.assign(location_id="west"), asked.assign(location_id="east")])
    tables = {**cases.network(ITEMS, pd.concat([west, east]), both)}
    evidence = gather(builders.engagement(tmp_path, tables), PATHS["full"])

    covered = next(metric for metric in evidence.metrics if metric.name == "coverable_share")
    assert covered.values.iloc[-1] == pytest.approx(1.0)


def test_a_shortage_that_only_other_items_of_the_family_could_cover_is_counted_apart(tmp_path: Folder) -> None:
    """Ten items short by 10, one item of one family of two far above: half of the shortage had a substitute."""
    held = stock(0.0).assign(on_hand=SAFETY, backorders=0.0)
    number = held["item_id"].str[1:].astype(int)
    held.loc[number < 10, ["on_hand", "backorders"]] = (0.0, 10.0)
    held.loc[number == 10, "on_hand"] = 40 * SIGMA

    evidence, _ = seen(tmp_path, held)

    series = {metric.name: metric.values for metric in evidence.metrics}
    assert "coverable_share" not in series
    assert series["family_coverable_share"].iloc[-1] == pytest.approx(0.5)


@pytest.mark.case("limit")
@pytest.mark.parametrize(("above", "breach"), [(-1e-9, True), (1e-6, False)], ids=["at amber", "just below"])
def test_reaching_the_limit_counts(tmp_path: Folder, above: float, breach: bool) -> None:
    """The limit set to the measured value, but for the rounding of sums, is reached; a hair higher it is not."""
    first, _ = seen(tmp_path / "first", stock(3.0))
    value = float(first.flags["value"].iloc[-1])
    second, _ = seen(
        tmp_path / "second", stock(3.0), limits={"s09.structural_misfit": {"amber": value + above, "red": value + 9}}
    )

    assert bool(second.flags["breach"].iloc[-1]) == breach


@pytest.mark.case("not_assessable")
def test_fewer_than_thirty_nodes_are_not_assessable(tmp_path: Folder) -> None:
    """29 items at one location are too few to speak of a mix."""
    held = stock(3.0)
    few = held[held["item_id"].isin(cases.names(29))]

    with pytest.raises(NotAssessable, match="fewer than 30"):
        gather(opened(tmp_path, few), PATHS["full"])


@pytest.mark.case("invariant")
def test_the_order_of_rows_and_the_currency_change_nothing(tmp_path: Folder) -> None:
    """Shuffled rows and unit costs in cents give the same flags."""
    held = stock(2.0)
    plain, _ = seen(tmp_path / "plain", held)
    tables = cases.network(ITEMS, held.sample(frac=1, random_state=1), cases.demand(ITEMS, periods=PERIODS))
    cents = {**tables, "items": tables["items"].assign(unit_cost=100.0)}
    other = gather(builders.engagement(tmp_path / "other", cents), PATHS["full"])

    pd.testing.assert_frame_equal(plain.flags, other.flags, rtol=1e-9)


@pytest.mark.case("as_of")
@pytest.mark.parametrize("path", ["full", "minimum"])
def test_a_full_run_says_of_the_past_what_a_run_of_that_day_said(tmp_path: Folder, path: str) -> None:
    """The general level of stock, sigmas and lots of a label use what was known when its interval closed."""
    held = stock(1.5)

    def open_at(day: str | None) -> Engagement:
        return opened(tmp_path / (day or "end"), held, day=day)

    assert_same_as_of(gather, PATHS[path], open_at, ["2023-10-01", "2024-03-01", "2024-09-01"])
