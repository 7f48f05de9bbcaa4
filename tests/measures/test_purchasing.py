"""Purchasing measures: repeat lift, call-offs, lead times."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.engagement import Engagement
from helpers.measures import purchasing, rushed_again
from tests import builders


def orders(rushed: list[tuple[int, str]], months: int = 6, items: int = 6) -> pd.DataFrame:
    """One line per item and month from one supplier; `rushed` names (month, item) pairs."""
    rows = [(month, f"i{k}") for month in range(months) for k in range(items)]
    starts = pd.date_range("2024-02-01", periods=months, freq="MS")
    return pd.DataFrame(
        {
            "purchase_order_id": [f"{month}-{item}" for month, item in rows],
            "item_id": [item for _, item in rows],
            "supplier_id": "mill",
            "ordered_on": [starts[month] - pd.Timedelta(days=31) for month, _ in rows],
            "due_on": [starts[month] + pd.Timedelta(days=2) for month, _ in rows],
            "received_on": [starts[month] + pd.Timedelta(days=2) for month, _ in rows],
            "ordered_quantity": 1.0,
            "expedited": [pair in rushed for pair in rows],
        }
    )


def opened(folder: Path, lines: pd.DataFrame, **more: pd.DataFrame) -> Engagement:
    """An engagement over the lines and `more` tables, ending after the last receipt's month."""
    items = builders.items(**dict.fromkeys(lines["item_id"].unique(), "Bread"))
    suppliers = pd.DataFrame({"supplier_id": ["mill"], "planned_lead_time_days": [33.0]})
    closing = pd.DataFrame({"period": [pd.Timestamp("2024-07-01")], "kind": "other", "amount": 0.0})
    tables = {"items": items, "purchase_orders": lines, "suppliers": suppliers, "compensation_costs": closing}
    return builders.engagement(folder, tables | more)


def lift_of(engagement: purchasing.Engagement) -> pd.DataFrame:
    """The repeat lift over all lines."""
    return rushed_again.repeat_lift(engagement, purchasing.rush_counts(engagement))


def test_only_the_lines_that_count_repeat(tmp_path: Path) -> None:
    """Item i0 is rushed every month; with half of the months left out its pair has only three to repeat in."""
    engagement = opened(tmp_path, orders([(month, "i0") for month in range(6)]))
    counts = purchasing.rush_counts(engagement)
    lift = rushed_again.repeat_lift(engagement, counts[counts["label"].isin(counts["label"].unique()[:3])])

    none, once = (5 / 6) ** 3, 3 * (5 / 6) ** 2 / 6
    assert lift.set_index("label").loc["2024-04-01", "lift"] == pytest.approx(1 / ((1 - none - once) / (1 - none)))
    assert lift["pairs"].iloc[-1] == 1


def test_one_item_rushed_every_month_repeats_beyond_chance(tmp_path: Path) -> None:
    """Item i0 in all six months: 1 pair of 1 repeats, against P(≥ 2 | ≥ 1) of 6 draws at 1 in 6."""
    lift = lift_of(opened(tmp_path, orders([(month, "i0") for month in range(6)])))

    none, once = (5 / 6) ** 6, (5 / 6) ** 5
    assert lift["lift"].iloc[-1] == pytest.approx(1 / ((1 - none - once) / (1 - none)))


def test_every_item_rushed_once_never_repeats(tmp_path: Path) -> None:
    """Six rushes on six different items: nothing repeats, the lift is 0."""
    lift = lift_of(opened(tmp_path, orders([(month, f"i{month}") for month in range(6)])))

    assert (lift["pairs"].iloc[-1], lift["lift"].iloc[-1]) == (6, 0.0)


def test_a_supplier_short_by_design_is_no_evidence_of_haste() -> None:
    """Call-offs: more than half of a supplier's lines under 0.6 of the lead time leave it out, the other stays."""
    labels = pd.to_datetime(["2024-01-01", "2024-02-01"])
    counts = pd.DataFrame(
        {
            "label": labels.repeat(2),
            "supplier_id": ["contract", "mill"] * 2,
            "short_lead": [9.0, 1.0, 9.0, 2.0],
            "with_lead_time": 10.0,
        }
    )

    assert purchasing.without_call_offs(counts)["supplier_id"].unique().tolist() == ["mill"]


def test_lead_times_are_counted_against_the_planned_one(tmp_path: Path) -> None:
    """Ordered 31 days before a month, received on its third day: 33 of 33 planned days."""
    rows = purchasing.lead_times(opened(tmp_path, orders([])))

    assert (rows["ratio_sum"] / rows["receipts"]).tolist() == pytest.approx([1.0] * 6)
    assert rows["late"].sum() == 0


def test_thin_labels_are_pooled_only_until_they_are_enough() -> None:
    """20 and 20 lines pool to 40 and stop; 35 lines stay alone."""
    rows = pd.DataFrame({"lines": [20.0, 20.0, 35.0], "rushed": [1.0, 2.0, 3.0]})

    pooled = purchasing.pooled(rows, ["rushed"])
    assert pooled["rushed"].tolist() == [1.0, 3.0, 3.0]


def test_the_share_is_missing_where_causes_are_unknown() -> None:
    """4 of 10 rushed lines without a cause are more than 30 %."""
    row = dict.fromkeys(purchasing.CODES, 0.0) | {"short_notice": 6.0, "unknown": 4.0, "rushed": 10.0, "lines": 100.0}

    assert np.isnan(purchasing.own_cause_share(pd.DataFrame([row])).iloc[0])
    assert purchasing.own_cause_share(pd.DataFrame([{**row, "unknown": 3.0}])).iloc[0] == 0.06


def pulled_in(lines: pd.DataFrame, days: list[int]) -> pd.DataFrame:
    """A log in which the lines of the last month are due earlier by `days`, all changed on one date."""
    moved = lines.tail(len(days))
    shift = pd.to_timedelta(days, unit="D")
    changes = {"purchase_order_id": moved["purchase_order_id"], "changed_on": pd.Timestamp("2024-06-15")}
    return pd.DataFrame(changes | {"old_due_on": moved["due_on"], "new_due_on": moved["due_on"] - shift})


@pytest.mark.parametrize(
    ("days", "counted"), [([2] * 12, 1), ([2] * 9, 9), (list(range(1, 13)), 12)], ids=["mass", "few", "each its own"]
)
def test_a_mass_redating_is_one_change(tmp_path: Path, days: list[int], counted: int) -> None:
    """Twelve lines moved by two days on one date are one change; nine are nine; twelve shifts are twelve."""
    lines = orders([], items=12)
    engagement = opened(tmp_path, lines, purchase_order_changes=pulled_in(lines, days))

    assert int(engagement.frame(purchasing.settled_lines(engagement))["is_pulled_in"].sum()) == counted
