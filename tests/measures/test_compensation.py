"""Compensation over cost of goods sold: which base, which mix."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.measures.compensation import compensation, compensation_share, cost_base
from tests.builders import cycles, engagement, items

MONTHS = cycles(3)


def client(folder, earned: dict[str, object] | None = None, costs: dict[str, object] | None = None, **more):
    """Three months of costs (10 each month unless given) and what was earned."""
    spent = pd.DataFrame({"period": MONTHS, "kind": "overtime", "amount": 10.0, **(costs or {})})
    sent = {"items": items(a="Bread", b="Cake"), "compensation_costs": spent, **more}
    if earned is not None:
        sent["financials"] = pd.DataFrame({"period": MONTHS, **earned})
    return engagement(folder, sent)


@pytest.mark.parametrize(
    ("earned", "share"),
    [
        ({"revenue": 4000.0, "cost_of_goods_sold": 1000.0}, 0.01),
        ({"revenue": 4000.0, "gross_margin": 2000.0}, 0.005),
        ({"revenue": 4000.0, "cost_of_goods_sold": 0.0}, None),
    ],
    ids=["booked cost", "revenue less margin", "no cost at all"],
)
def test_the_base_is_the_first_that_was_sent(tmp_path, earned, share):
    """Booked cost, else revenue less margin; a base of 0 is missing."""
    shares = compensation_share(client(tmp_path, earned))["share"]

    assert shares.isna().all() if share is None else shares.tolist() == pytest.approx([share] * 3)


def test_without_financials_demand_at_unit_cost_is_the_base(tmp_path):
    """A thousand pieces a month at a cost of 1."""
    sold = pd.DataFrame({"period": MONTHS, "item_id": "a", "quantity": 1000.0})

    assert compensation_share(client(tmp_path, actual_demand=sold))["share"].tolist() == [0.01] * 3


def test_no_base_leaves_the_share_missing(tmp_path):
    """Costs alone have a level but no share."""
    sent = {"items": pd.DataFrame({"item_id": ["a"], "family": ["Bread"]})}
    sent["compensation_costs"] = pd.DataFrame({"period": MONTHS, "kind": "other", "amount": 10.0})
    alone = engagement(tmp_path, sent)

    assert cost_base(alone) == "none"
    assert compensation_share(alone)["share"].isna().all()


def test_a_month_without_a_row_is_left_out(tmp_path):
    """Nothing logged and nothing spent look the same."""
    spent = client(tmp_path, {"revenue": 100.0}, {"period": [MONTHS[0], MONTHS[0], MONTHS[2]]})

    assert compensation(spent)["label"].tolist() == [MONTHS[0], MONTHS[2]]
    assert compensation(spent)["amount"].tolist() == [20.0, 10.0]


def test_a_family_comes_from_the_item_where_the_row_names_none(tmp_path):
    """Item b belongs to Cake."""
    rows = compensation(client(tmp_path, costs={"item_id": ["a", "b", "b"]}), "family")

    assert rows["family"].tolist() == ["Bread", "Cake", "Cake"]


def test_a_richer_mix_does_not_look_like_less_rescue(tmp_path):
    """Bread needs 2 % and Cake 0 %; Cake grows from half to four fifths: κ falls, κ at fixed mix does not."""
    mix = pd.DataFrame(
        {
            "period": [month for month in MONTHS for _ in range(2)],
            "family": ["Bread", "Cake"] * 3,
            "revenue": 0.0,
            "cost_of_goods_sold": [1000.0, 1000.0, 1000.0, 1000.0, 1000.0, 4000.0],
        }
    )
    rows = compensation_share(client(tmp_path, costs={"amount": 20.0, "family": "Bread"}, financials=mix))

    assert rows["share"].tolist() == pytest.approx([0.01, 0.01, 0.004])
    assert rows["share_fixed_mix"].iloc[1] == pytest.approx(0.01)
    assert rows["share_fixed_mix"].iloc[2] == pytest.approx(0.02 * 3000 / 9000)
