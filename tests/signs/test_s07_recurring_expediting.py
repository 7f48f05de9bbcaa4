"""S7: rushed purchase orders, and whether they were rushed for our own causes."""

from __future__ import annotations

from pathlib import Path as Folder

import numpy as np
import pandas as pd
import pytest

from helpers.engagement import Engagement
from helpers.errors import NotAssessable
from helpers.evidence import Evidence, Path
from helpers.judgement.judge import judge
from helpers.signs.s07_recurring_expediting import SIGN, gather
from tests import builders
from tests.signs.replay import assert_same_as_of

PATHS = {path.name: path for path in SIGN.paths}
MONTHS = pd.date_range("2024-02-01", periods=14, freq="MS")
SUPPLIERS = ["north", "south", "east", "west"]


def lines(rushed: list[int], of: int = 40, cause: str = "short_notice") -> pd.DataFrame:
    """`of` lines received in each month from February 2024 on, the first `rushed` of them rushed for `cause`."""
    months = MONTHS[: len(rushed)]
    rows = pd.DataFrame([(month, k) for month in months for k in range(of)], columns=["month", "k"])
    hit = rows["k"] < rows["month"].map(dict(zip(months, rushed, strict=True)))
    short, late = hit & (cause == "short_notice"), hit & (cause == "supplier_late")
    ordered = rows["month"] - pd.Timedelta(days=30)
    due = rows["month"] + pd.Timedelta(days=5)
    return pd.DataFrame(
        {
            "purchase_order_id": [f"{month:%y%m}-{k}" for month, k in zip(rows["month"], rows["k"], strict=True)],
            "item_id": np.where(rows["k"] % 2, "a", "b"),
            "supplier_id": [SUPPLIERS[k % 4] for k in rows["k"]],
            "ordered_on": ordered,
            "due_on": due,
            "needed_on": due.mask(short, ordered + pd.Timedelta(days=12)),
            "planned_lead_time_days": 35,
            "received_on": due.mask(late, due + pd.Timedelta(days=9)),
            "ordered_quantity": 10.0,
            "expedited": hit,
        }
    )


def tables(orders: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The orders with the other tables of the full path; one item in each of two families."""
    log = pd.DataFrame(
        {
            "purchase_order_id": ["none"],
            "changed_on": ["2024-03-01"],
            "old_due_on": ["2024-03-05"],
            "new_due_on": ["2024-03-09"],
        }
    )
    stock = pd.DataFrame({"period": MONTHS, "item_id": "a", "on_hand": 100.0})
    return {
        "items": builders.items(a="Bread", b="Milk"),
        "purchase_orders": orders,
        "purchase_order_changes": log,
        "inventory_snapshots": stock,
        "suppliers": pd.DataFrame({"supplier_id": SUPPLIERS, "planned_lead_time_days": 35}),
    }


def seen(folder: Folder, orders: pd.DataFrame, path: str = "full") -> tuple[Evidence, Engagement]:
    """Evidence on `path`."""
    engagement = builders.engagement(folder, tables(orders))
    assert engagement.has(*PATHS[path].needs)
    return gather(engagement, PATHS[path]), engagement


def value(evidence: Evidence, label: str) -> float:
    """The headline of one label."""
    return float(evidence.metrics[0].values[pd.Timestamp(label)])


@pytest.mark.case("fires")
@pytest.mark.parametrize("path", ["full", "reduced B", "minimum A", "minimum C"])
def test_a_tenth_of_the_lines_rushed_at_short_notice_every_month_recurs(tmp_path: Folder, path: str) -> None:
    """8 of 40 lines ordered too late in each of eight months, over four suppliers, is a habit."""
    orders = lines([0] * 4 + [8] * 8)
    orders["due_on"] = orders["due_on"].mask(orders["expedited"], orders["ordered_on"] + pd.Timedelta(days=20))
    orders["received_on"] = orders["received_on"].mask(orders["expedited"], orders["due_on"])
    evidence, engagement = seen(tmp_path, orders, path)

    assert judge(SIGN, evidence, engagement.calendar).status == "recurring"


def test_a_supplier_short_of_discipline_is_not_our_own_cause(tmp_path: Folder) -> None:
    """Lines rushed because the supplier was late count as rushed, and not as own causes."""
    evidence, _ = seen(tmp_path, lines([12] * 12, cause="supplier_late"))

    metrics = {metric.name: metric.values[pd.Timestamp("2024-12-01")] for metric in evidence.metrics}
    assert (metrics["own_cause_rush_share"], metrics["rushed_share"]) == (0.0, 0.3)


@pytest.mark.case("quiet")
def test_a_supplier_that_fails_for_a_year_leaves_the_sign_absent(tmp_path: Folder) -> None:
    """30 % of the lines rushed because suppliers were late is their trouble, not a plan's."""
    evidence, engagement = seen(tmp_path, lines([12] * 12, cause="supplier_late"))

    assert judge(SIGN, evidence, engagement.calendar).status == "absent"


@pytest.mark.case("limit")
@pytest.mark.parametrize(("rushed", "breach"), [(20, True), (19, False)], ids=["at amber", "just below"])
def test_five_percent_of_the_lines_is_the_limit(tmp_path: Folder, rushed: int, breach: bool) -> None:
    """20 of 400 lines reach 5 % and the count guard of 19; 19 of 400 do not reach 5 %."""
    evidence, _ = seen(tmp_path, lines([0, rushed], of=400))

    assert evidence.flags.set_index("label").loc["2024-03-01", "breach"] == breach


@pytest.mark.case("not_assessable")
def test_nothing_received_is_not_assessable(tmp_path: Folder) -> None:
    """Lines that are all still open say nothing yet; the reason names what to ask for."""
    orders = lines([0, 0]).assign(received_on=pd.NaT)
    orders.loc[0, "received_on"] = pd.Timestamp("2026-01-01")
    engagement = builders.engagement(tmp_path, tables(orders), as_of="2024-04-01")

    with pytest.raises(NotAssessable) as raised:
        gather(engagement, PATHS["full"])
    assert raised.value.missing == ("purchase_orders.received_on",)


def test_fewer_than_ten_lines_are_missing_and_not_zero(tmp_path: Folder) -> None:
    """Three lines a month pool to nine over three months: still too few for a share."""
    evidence, _ = seen(tmp_path, lines([1] * 6, of=3))

    assert evidence.metrics[0].values.isna().all()


def test_thin_months_are_added_to_the_ones_before(tmp_path: Folder) -> None:
    """15 lines a month pool two months: (3 + 0) of 30 lines."""
    evidence, _ = seen(tmp_path, lines([0, 3, 0], of=15))

    assert value(evidence, "2024-04-01") == pytest.approx(3 / 30)


def test_unknown_causes_fall_back_to_the_share_of_rushed_lines(tmp_path: Folder) -> None:
    """Rushed without any fitting cause in more than 30 % of the rushes: the wider limit of rushed lines decides."""
    evidence, _ = seen(tmp_path, lines([0, 8], cause="none"))

    row = evidence.flags.set_index("label").loc["2024-03-01"]
    assert np.isnan(value(evidence, "2024-03-01"))
    assert (row["value"], row["breach"]) == (0.2, True)


def test_a_line_pulled_in_by_us_is_an_own_cause_and_by_the_supplier_is_not(tmp_path: Folder) -> None:
    """The function of the change log tells who moved the date."""
    orders = lines([0, 0]).drop(columns="expedited")
    log = pd.DataFrame(
        {
            "purchase_order_id": ["2403-0", "2403-1"],
            "changed_on": "2024-02-20",
            "old_due_on": "2024-03-06",
            "new_due_on": "2024-03-01",
            "function": ["procurement", "Supplier portal"],
        }
    )
    engagement = builders.engagement(tmp_path, {**tables(orders), "purchase_order_changes": log})

    assert value(gather(engagement, PATHS["reduced A"]), "2024-03-01") == pytest.approx(1 / 40)


def test_a_line_pulled_in_and_pushed_out_again_is_a_flip(tmp_path: Folder) -> None:
    """Of two re-dated lines one went in and out: half; all 40 lines carry three changes."""
    log = pd.DataFrame(
        {
            "purchase_order_id": ["2403-0", "2403-0", "2403-1"],
            "changed_on": ["2024-02-10", "2024-02-20", "2024-02-20"],
            "old_due_on": ["2024-03-06", "2024-03-01", "2024-03-06"],
            "new_due_on": ["2024-03-01", "2024-03-06", "2024-03-01"],
        }
    )
    sent = {**tables(lines([0, 0])), "purchase_order_changes": log}
    metrics = {metric.name: metric for metric in gather(builders.engagement(tmp_path, sent), PATHS["full"]).metrics}

    assert metrics["flip_share"].values[pd.Timestamp("2024-03-01")] == 0.5
    assert metrics["changes_per_line"].values[pd.Timestamp("2024-03-01")] == pytest.approx(3 / 40)


def test_what_was_rushed_in_vain_and_the_spread_of_lead_times_are_said(tmp_path: Folder) -> None:
    """One line of 10 of item b is rushed each month; stock 100, no need, no safety stock: all of it remains.

    Every line takes 35 days as planned: the spread is 0.
    """
    sent = tables(lines([2] * 12))
    ahead = [(month, "b", month + pd.DateOffset(months=k), 0.0) for month in MONTHS for k in range(4)]
    sent["forecast_snapshots"] = pd.DataFrame(ahead, columns=["cycle", "item_id", "period", "quantity"])
    sent["inventory_snapshots"] = sent["inventory_snapshots"].assign(item_id="b", safety_stock=0.0)
    metrics = {metric.name: metric for metric in gather(builders.engagement(tmp_path, sent), PATHS["full"]).metrics}

    assert metrics["residual_rush_share"].values.dropna().eq(1.0).all()
    assert metrics["supplier_spread"].values.dropna().abs().max() == pytest.approx(0.0)


def test_a_rush_that_stock_would_have_covered_is_unneeded(tmp_path: Folder) -> None:
    """Stock 100, forecast 20 until the need date, safety stock 30: the rushed line was not needed."""
    orders = lines([0, 1])
    forecast = pd.DataFrame({"cycle": MONTHS, "item_id": "b", "period": MONTHS, "quantity": 20.0})
    stock = pd.DataFrame({"period": ["2024-01-01"], "item_id": "b", "on_hand": 100.0, "safety_stock": 30.0})
    sent = {**tables(orders), "forecast_snapshots": forecast, "inventory_snapshots": stock}
    rushed = orders["expedited"]
    sent["purchase_orders"] = orders.assign(ordered_on=orders["ordered_on"].mask(rushed, pd.Timestamp("2024-02-10")))
    engagement = builders.engagement(tmp_path, sent)

    evidence = gather(engagement, PATHS["full"])
    causes = evidence.charts[0].rows.query("count > 0")
    assert causes["cause"].tolist() == ["unneeded"]


@pytest.mark.case("invariant")
def test_the_order_of_the_rows_changes_nothing(tmp_path: Folder) -> None:
    """A shuffled extract gives the same flags."""
    orders = lines([0, 2, 5, 8, 1, 6])
    plain, _ = seen(tmp_path / "plain", orders)
    shuffled, _ = seen(tmp_path / "shuffled", orders.sample(frac=1, random_state=3))

    pd.testing.assert_frame_equal(plain.flags, shuffled.flags)


def messy_orders() -> pd.DataFrame:
    """Lines with random dates, late receipts, open lines and flags that become known at different times."""
    random = np.random.default_rng(7)
    orders = lines([4] * 12)
    day = lambda low, high: pd.to_timedelta(random.integers(low, high, len(orders)), unit="D")  # noqa: E731
    orders["needed_on"] = orders["ordered_on"] + day(10, 60)
    orders["received_on"] = (orders["due_on"] + day(-20, 90)).mask(random.random(len(orders)) < 0.1)
    orders["expedited"] = random.random(len(orders)) < 0.2
    orders["expedited_on"] = (orders["ordered_on"] + day(0, 120)).where(orders["expedited"])
    orders["reschedules"] = random.integers(0, 2, len(orders))
    return orders


@pytest.mark.case("as_of")
@pytest.mark.parametrize("path", ["full", "minimum C"])
def test_a_full_run_says_of_the_past_what_a_run_of_that_day_said(tmp_path: Folder, path: str) -> None:
    """Receipts, flags and changes that came later change nothing before."""
    orders = messy_orders()
    log = pd.DataFrame(
        {
            "purchase_order_id": orders["purchase_order_id"].iloc[::5],
            "changed_on": orders["ordered_on"].iloc[::5] + pd.to_timedelta(np.arange(len(orders) // 5) % 70, unit="D"),
            "old_due_on": orders["due_on"].iloc[::5],
            "new_due_on": orders["due_on"].iloc[::5] - pd.to_timedelta(np.arange(len(orders) // 5) % 9 - 4, unit="D"),
        }
    )
    sent = {**tables(orders), "purchase_order_changes": log}

    def open_at(day: str | None) -> Engagement:
        return builders.engagement(tmp_path / (day or "end"), sent, as_of=day)

    assert_same_as_of(gather, PATHS[path], open_at, ["2024-06-01", "2024-09-01", "2024-12-01"])


def test_families_bought_for_the_first_time_later_do_not_make_a_critical_family_rare_before(tmp_path: Folder) -> None:
    """Bread is one family of two until four more join in July: only from then on is it at most a fifth of them."""
    orders = lines([8] * 12, of=240)
    fresh = (orders["received_on"] >= "2024-07-01") & (orders.index % 2 == 1) & (orders.index % 240 > 100)
    orders["item_id"] = np.where(fresh, np.array(list("cdef"))[orders.index // 2 % 4], orders["item_id"])
    orders["item_id"] = np.where(
        orders.index % 240 < 40, "a", np.where(orders["item_id"] == "a", "b", orders["item_id"])
    )
    families = builders.items(a="Bread", b="Milk", c="Cake", d="Pie", e="Rice", f="Teas")
    sent = {**tables(orders), "items": families}

    def open_at(day: str | None) -> Engagement:
        return builders.engagement(tmp_path / (day or "end"), sent, as_of=day, critical_families=("Bread",))

    assert_same_as_of(gather, PATHS["full"], open_at, ["2024-06-01", "2024-10-01"])
    breached = gather(open_at(None), PATHS["full"]).flags.set_index("label")["breach"]
    assert (breached["2024-06-01"], breached["2024-07-01"]) == (False, True)


def test_premiums_booked_on_suppliers_are_the_evidence_where_lines_carry_no_flag(tmp_path: Folder) -> None:
    """100 of premiums over 40 lines of 10 units at 5: 5 % of the purchase value."""
    orders = lines([0, 0]).assign(unit_price=5.0)
    costs = pd.DataFrame(
        {"period": ["2024-03-01"], "kind": "premium_purchase", "amount": 100.0, "supplier_id": "north"}
    )
    engagement = builders.engagement(tmp_path, {**tables(orders), "compensation_costs": costs})

    evidence = gather(engagement, Path("minimum B", "minimum", ("purchase_orders",), raise_only=True))
    assert value(evidence, "2024-03-01") == pytest.approx(100 / 2000)
