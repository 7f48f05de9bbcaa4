"""Stock measures: required stock, lead-time spread, ratchet, loss."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers.measures import mix, risk, stock
from tests import builders
from tests.signs import stock_cases as cases


def test_sigma_is_the_root_mean_square_of_the_cumulative_error(tmp_path: Path) -> None:
    """Demand 110 and 90 in turn, forecast 100: errors of two months cancel, so sigma is 0 and the node is left out."""
    asked = cases.demand(2, risk=0.0)
    swing = np.where(asked["period"].dt.month % 2, 10.0, -10.0)
    asked["quantity"] = 100.0 + np.where(asked["item_id"] == "i00", swing, np.abs(swing))
    held = cases.grid(2).assign(on_hand=50.0, safety_stock=10.0)
    engagement = builders.engagement(tmp_path, cases.network(2, held, asked))

    nodes = engagement.frame(stock.stock_nodes(engagement, "forecast"))
    assert nodes["item_id"].unique().tolist() == ["i01"]
    lead = 30 / risk.DAYS["month"]
    assert nodes["sigma"].iloc[-1] == pytest.approx(20 * np.sqrt((lead + 1) / 2))


def test_required_stock_follows_the_service_target(tmp_path: Path) -> None:
    """Z of 95 % is 1.645 and of 99 % 2.326 times the same sigma."""
    tables = cases.network(2, cases.grid(2).assign(on_hand=9.0, safety_stock=9.0), cases.demand(2))
    tables["items"]["service_target"] = [0.95, 0.99]
    engagement = builders.engagement(tmp_path, tables)

    nodes = engagement.frame(stock.stock_nodes(engagement, "forecast"))
    z = (nodes["required"] / nodes["sigma"]).groupby(nodes["item_id"]).mean()
    assert z.tolist() == pytest.approx([stats.norm.ppf(0.95), stats.norm.ppf(0.99)])


def test_a_new_supplier_is_unknown_before_its_first_receipt(tmp_path: Path) -> None:
    """Its spread starts with its first label, so that an as-of run of the months before sees the same."""
    tables = cases.network(2, cases.grid(2).assign(on_hand=9.0, safety_stock=9.0), cases.demand(2))
    late = tables["purchase_orders"].tail(3).assign(supplier_id="new", purchase_order_id=["x", "y", "z"])
    tables["purchase_orders"] = pd.concat([tables["purchase_orders"], late])
    tables["suppliers"] = pd.DataFrame({"supplier_id": ["mill", "new"], "planned_lead_time_days": 30.0})
    spread = risk.lead_time_spread(builders.engagement(tmp_path, tables))

    assert spread.loc[spread["supplier_id"] == "new", "bucket"].min() == pd.Timestamp("2025-05-01")


@pytest.mark.parametrize(("step", "months"), [(1, 1), (3, 3)], ids=["monthly plans", "quarterly plans"])
def test_stock_is_carried_as_long_as_its_label_lasts(tmp_path: Path, step: int, months: int) -> None:
    """1,000 too much at 12 % a year: 10 a month, 30 in a label of a quarter."""
    plans = builders.cycles(24)[::step]
    snapshots = pd.DataFrame({"cycle": plans, "period": plans, "item_id": "a", "quantity": 1.0})
    tables = {"items": builders.items(a="Bread"), "forecast_snapshots": snapshots}
    engagement = builders.engagement(tmp_path, tables, carrying_cost_rate=0.12)
    excess = pd.DataFrame({"label": engagement.calendar.labels, "family": "Bread", "excess": 1000.0})

    assert stock.carrying_cost(excess, engagement)["amount"].tolist() == pytest.approx([10.0 * months] * len(excess))


def ratcheting(up: float, down: float, seed: int = 1) -> pd.DataFrame:
    """Four families whose buffer closes `up` of a shortfall and `down` of an excess each month."""
    random = np.random.default_rng(seed)
    rows = []
    for family in range(4):
        held = 0.0
        for label in builders.cycles(24):
            need = random.normal(0.0, 0.2)
            gap = need - held
            held += (up if gap > 0 else down) * gap + random.normal(0.0, 0.01)
            rows.append((label, str(family), np.exp(held), np.exp(need)))
    frame = pd.DataFrame(rows, columns=["label", "family", "safety", "required"])
    return frame.assign(ratio=frame["safety"] / frame["required"])


def test_a_ratchet_closes_shortfalls_and_keeps_excess() -> None:
    """60 % up and 10 % down is found; 40 % both ways is not."""
    up, down, p_value = stock.ratchet(ratcheting(0.6, 0.1))

    assert up > down
    assert p_value <= 0.05
    assert stock.ratchet(ratcheting(0.4, 0.4))[2] > 0.05


def test_few_gaps_of_one_sign_cannot_tell() -> None:
    """Six months of one family hold fewer than five gaps of each sign."""
    assert np.isnan(stock.ratchet(ratcheting(0.6, 0.1).head(6))[2])


def test_the_loss_of_a_t_tends_to_the_normal_loss() -> None:
    """With a thousand degrees of freedom G(1) is φ(1) − (1 − Φ(1)) = 0.0833."""
    assert mix.unit_loss(np.array([1.0]), freedom=1000)[0] == pytest.approx(0.0833, abs=5e-4)


def test_the_loss_at_zero_is_half_the_mean_absolute_deviation() -> None:
    """Numerical integration of the t with eleven degrees of freedom agrees with the closed form."""
    x = np.linspace(0, 200, 400_001)
    numeric = np.trapezoid(x * stats.t.pdf(x, 11), x)

    assert mix.unit_loss(np.array([0.0]))[0] == pytest.approx(numeric, rel=1e-4)
