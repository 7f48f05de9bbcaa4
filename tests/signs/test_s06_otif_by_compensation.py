"""S06: service that holds only because somebody pays for it, cycle after cycle."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.errors import NotAssessable
from helpers.judgement.judge import judge
from helpers.signs import s06_otif_by_compensation as s06
from tests.builders import cycles, engagement, items
from tests.signs import small_plant
from tests.signs.replay import assert_same_as_of
from tests.signs.small_plant import breached, gathered, opened, path_of

MONTHS = 12
LINES = 100
COGS = 100_000.0
DAYS = ("2024-07-01", "2024-10-01", "2025-01-01")
TARGET = {"otif": {"target": 0.95}}


def client_of(
    rescued: list[int], late: list[int] | None = None, paid: list[float] | None = None, cogs: float | list[float] = COGS
) -> dict[str, pd.DataFrame]:
    """A hundred lines a month due on the 15th: `rescued` kept by an expedite that saved two days, `late` missed."""
    months = cycles(len(rescued))
    late = late or [2] * len(rescued)
    rows = [(month, n, n < rescued[m], n >= LINES - late[m]) for m, month in enumerate(months) for n in range(LINES)]
    lines = pd.DataFrame(rows, columns=["month", "n", "expedited", "is_late"])
    due = lines["month"] + pd.Timedelta(days=14)
    order_lines = pd.DataFrame(
        {
            "order_id": lines["month"].dt.strftime("%y%m-") + lines["n"].astype(str),
            "item_id": np.where(lines["n"] % 2, "a", "b"),
            "customer_segment": np.where(lines["n"] < LINES / 2, "Retail", "Export"),
            "ordered_on": lines["month"],
            "requested_on": due,
            "delivered_on": due + pd.to_timedelta(np.where(lines["is_late"], 3, 0), unit="D"),
            "ordered_quantity": 10.0,
            "delivered_quantity": 10.0,
            "expedited": lines["expedited"],
            "days_saved": np.where(lines["expedited"], 2.0, np.nan),
        }
    )
    money = pd.DataFrame({"period": months, "kind": "expedite_freight", "amount": paid or [100.0] * len(rescued)})
    return {
        "items": items(a="Bread", b="Cake"),
        "order_lines": order_lines,
        "compensation_costs": money,
        "financials": pd.DataFrame({"period": months, "revenue": 2 * np.asarray(cogs), "cost_of_goods_sold": cogs}),
    }


@pytest.mark.case("fires")
@pytest.mark.parametrize("name", ["full", "reduced A", "minimum A", "minimum B"])
def test_service_held_by_more_and_more_rescues_recurs(tmp_path, name):
    """From July on a quarter of the lines is expedited at 2 % of cost of goods sold; OTIF stays at 98 %."""
    sent = client_of([2] * 6 + [25] * 6, paid=[100.0] * 6 + [2000.0] * 6)
    client = engagement(tmp_path, sent, **TARGET)

    evidence = gathered(s06, name, client)

    assert judge(s06.SIGN, evidence, client.calendar).status == "recurring"
    assert breached(evidence) == [f"2024-{month:02d}" for month in range(7, 13)]


@pytest.mark.case("quiet")
@pytest.mark.parametrize("name", ["full", "reduced A", "minimum A", "minimum B"])
def test_a_volatile_business_with_ordinary_rescues_stays_absent(tmp_path, name):
    """Sales swing by half, two lines in a hundred are expedited, and costs follow sales at 0.2 %."""
    sales = [COGS * factor for factor in (1, 1.5, 0.6, 1.2, 0.5, 1.4, 0.8, 1.5, 0.6, 1.1, 0.5, 1.3)]
    sent = client_of([2] * MONTHS, paid=[0.002 * amount for amount in sales], cogs=sales)
    client = engagement(tmp_path, sent, **TARGET)

    assert judge(s06.SIGN, gathered(s06, name, client), client.calendar).status == "absent"


@pytest.mark.case("limit")
def test_three_propped_lines_of_a_hundred_breach_and_two_do_not(tmp_path):
    """A propped gap of 0.03 lies above the amber of one line in forty, 0.08 is red, 0.02 is neither."""
    flags = gathered(s06, "full", engagement(tmp_path, client_of([3, 2, 8]), **TARGET)).flags

    assert flags["value"].tolist() == pytest.approx([0.03, 0.02, 0.08])
    assert flags["breach"].tolist() == [True, False, True]
    assert flags["severity"].tolist() == pytest.approx([0.5 + 0.5 * 0.005 / 0.055, 0.0, 1.0])


def test_half_a_per_cent_of_cost_of_goods_sold_breaches(tmp_path):
    """κ of exactly 0.005 reaches amber, just below does not, 0.015 is red."""
    flags = gathered(
        s06, "minimum A", engagement(tmp_path, client_of([0] * 3, paid=[500.0, 499.9, 1500.0]), **TARGET)
    ).flags

    assert flags["breach"].tolist() == [True, False, True]
    assert flags["severity"].tolist() == pytest.approx([0.5, 0.0, 1.0])


def test_costs_while_service_is_broken_are_no_breach(tmp_path):
    """At 90 % against a target of 95 % nothing is held: assessed, and no breach."""
    client = engagement(tmp_path, client_of([30] * 6, late=[10] * 6, paid=[3000.0] * 6), **TARGET)

    evidence = gathered(s06, "full", client)

    assert evidence.flags["value"].notna().all()
    assert not breached(evidence)
    assert "already broken" in evidence.basis


def test_without_a_target_the_first_six_cycles_are_the_target(tmp_path):
    """A client that always delivered 90 % is held to 90 %."""
    client = engagement(tmp_path, client_of([10] * 8, late=[10] * 8))

    assert len(breached(gathered(s06, "full", client))) == 8


@pytest.mark.case("not_assessable")
def test_no_line_due_is_not_assessable(tmp_path):
    """Orders due after the extract ended leave no cycle with a service level."""
    sent = client_of([2] * 3)
    sent["order_lines"] = sent["order_lines"].assign(requested_on=pd.Timestamp("2030-01-01"), delivered_on=pd.NaT)

    with pytest.raises(NotAssessable):
        s06.gather(engagement(tmp_path, sent, **TARGET), path_of(s06, "full"))


def test_no_delivery_dates_open_no_path(tmp_path):
    """Without delivered_on and without backorders nobody knows whether service held."""
    sent = client_of([2] * 3)
    sent["order_lines"] = sent["order_lines"].drop(columns="delivered_on")
    client = engagement(tmp_path, sent)

    assert not any(client.has(*path.needs) for path in s06.SIGN.paths)


@pytest.mark.case("invariant")
def test_the_currency_does_not_matter(tmp_path):
    """All money in cents: the same flags."""
    sent = client_of([2] * 6 + [10] * 6, paid=[100.0, 700.0] * 6)
    cents = {
        **sent,
        "compensation_costs": sent["compensation_costs"].assign(amount=lambda c: c["amount"] * 100),
        "financials": sent["financials"].assign(
            revenue=lambda f: f["revenue"] * 100, cost_of_goods_sold=lambda f: f["cost_of_goods_sold"] * 100
        ),
    }

    plain = gathered(s06, "full", engagement(tmp_path / "euro", sent, **TARGET))
    small = gathered(s06, "full", engagement(tmp_path / "cent", cents, **TARGET))

    pd.testing.assert_frame_equal(plain.flags, small.flags)


@pytest.mark.case("as_of")
def test_a_full_run_says_of_the_past_what_was_said_then(tmp_path):
    """Flags, key 2 and discriminators of three cycles are those of runs as of them."""
    assert_same_as_of(s06.gather, path_of(s06, "full"), opened(tmp_path, small_plant.tables()), DAYS)


@pytest.mark.parametrize("name", ["reduced A", "minimum A", "minimum B", "minimum A without a cost base", "minimum C"])
def test_the_lesser_paths_do_not_look_ahead_either(tmp_path, name):
    """Flags and key 2 of a cycle are those of a run as of it."""
    assert_same_as_of(s06.gather, path_of(s06, name), opened(tmp_path, small_plant.tables()), DAYS[1:2])


def test_revenue_alone_stands_for_cost_of_goods_sold(tmp_path):
    """With required columns only, 0.65 of revenue: a third of a per cent of revenue is amber."""
    sent = client_of([0] * 3, paid=[650.0, 640.0, 650.0])
    sent["items"] = sent["items"].drop(columns="unit_cost")
    sent["financials"] = sent["financials"].drop(columns="cost_of_goods_sold")

    flags = gathered(s06, "minimum A", engagement(tmp_path, sent, **TARGET)).flags

    assert flags["value"].tolist() == pytest.approx([0.005, 640 / 130_000, 0.005])
    assert flags["breach"].tolist() == [True, False, True]


def test_ten_expedited_lines_need_more_than_chance(tmp_path):
    """Two of ten lines expedited is a share of 0.2 and within what 5 % gives by chance."""
    sent = client_of([2] * 3, late=[0] * 3)
    sent["order_lines"] = sent["order_lines"].groupby(sent["order_lines"]["ordered_on"]).head(10)

    evidence = gathered(s06, "minimum B", engagement(tmp_path, sent, **TARGET))

    assert evidence.metrics[0].values.tolist() == pytest.approx([0.2] * 3)
    assert not breached(evidence)


def test_the_headline_is_the_money_that_decides(tmp_path):
    """Costs of 1 % of cost of goods sold, three quarters of them covered by a decision: 0.25 % stands beside 0.5 %."""
    sent = client_of([0] * 3)
    costs = [("Bread", 750.0), ("Cake", 250.0)]
    sent["compensation_costs"] = pd.concat(
        sent["compensation_costs"].assign(family=family, amount=amount) for family, amount in costs
    )
    months = cycles(3)
    sent["decisions"] = pd.DataFrame(
        {"decision_id": ["1", "2", "3"], "cycle": months, "family": "Bread", "raised_on": months, "decided_on": months}
    )

    evidence = gathered(s06, "minimum A", engagement(tmp_path, sent, **TARGET))
    metrics = {metric.name: metric for metric in evidence.metrics}

    assert evidence.metrics[0].name == "compensation_share"
    assert metrics["compensation_share"].values.tolist() == pytest.approx([0.0025] * 3)
    assert metrics["compensation_share"].limit is not None
    assert metrics["gross_share"].values.tolist() == pytest.approx([0.01] * 3)
    assert metrics["gross_share"].limit is None
    assert evidence.flags["value"].tolist() == pytest.approx([0.0025] * 3)
    assert not breached(evidence)


def test_money_without_a_decision_is_ungoverned(tmp_path):
    """Costs on Bread with a decision of the cycle, as much on Cake without: D3 is one half."""
    sent = client_of([2] * 3)
    both = [sent["compensation_costs"].assign(family=family) for family in ("Bread", "Cake")]
    sent["compensation_costs"] = pd.concat(both)
    months = cycles(3)
    sent["decisions"] = pd.DataFrame(
        {"decision_id": ["1", "2", "3"], "cycle": months, "family": "Bread", "raised_on": months, "decided_on": months}
    )

    rows = gathered(s06, "full", engagement(tmp_path, sent, **TARGET)).discriminators

    assert rows["value"].tolist() == [0.5, 0.5, 0.5]


def test_costs_that_rise_under_decisions_confirm_nothing(tmp_path):
    """Costs on Bread rise fivefold, each covered by its decision; those on Cake stay at 1 %: no key 2 but the level."""
    months = cycles(MONTHS)
    sent = client_of([0] * MONTHS)
    risen = [500.0 * (1 + month / 3) for month in range(MONTHS)]
    costs = [("Bread", risen), ("Cake", [1000.0] * MONTHS)]
    sent["compensation_costs"] = pd.concat(
        sent["compensation_costs"].assign(family=family, amount=amount) for family, amount in costs
    )
    numbers = [str(n) for n in range(MONTHS)]
    dates = {"raised_on": months, "decided_on": months}
    sent["decisions"] = pd.DataFrame({"decision_id": numbers, "cycle": months, "family": "Bread", **dates})

    evidence = gathered(s06, "minimum A", engagement(tmp_path, sent, **TARGET))
    rises = evidence.confirmations.query("name == 'service holds while its cost rises'")

    assert len(breached(evidence)) == MONTHS
    assert not rises["met"].fillna(value=False).any()


def test_before_the_first_decision_nobody_knows_what_was_covered(tmp_path):
    """The log begins in March: until then costs are neither covered nor not; from then on Cake's are uncovered."""
    sent = client_of([0] * 4)
    sent["compensation_costs"]["family"] = "Cake"
    march = cycles(4)[2:3]
    dates = {"raised_on": march, "decided_on": march}
    sent["decisions"] = pd.DataFrame({"decision_id": ["1"], "cycle": march, "family": ["Bread"], **dates})

    values = gathered(s06, "minimum A", engagement(tmp_path, sent, **TARGET)).flags["value"]

    assert values.isna().tolist() == [True, True, False, False]
    assert values.tolist()[2:] == pytest.approx([0.001] * 2)


def test_bought_service_is_what_the_headline_counts(tmp_path):
    """A hundred lines, 2 late, 25 expedited, 10 of them kept by the days saved: 98 %, 88 % and 73 %."""
    sent = client_of([25] * 12)
    lines = sent["order_lines"]
    lines["days_saved"] = lines["days_saved"].where(np.arange(len(lines)) % LINES < 10, 0.0)
    chart = gathered(s06, "full", engagement(tmp_path, sent, **TARGET)).charts[0]
    means = chart.rows.groupby("series")["otif"].mean()

    assert chart.look.gap == ("as delivered", "without the days saved", "bought")
    assert means["as delivered"] == pytest.approx(0.98)
    assert means["without the days saved"] == pytest.approx(0.88)
    assert means["without expedited lines"] == pytest.approx(0.73)


def test_without_days_saved_every_expedite_is_a_bound(tmp_path):
    """What would have been late without them is not known: the gap says at most."""
    sent = client_of([25] * 12)
    sent["order_lines"] = sent["order_lines"].drop(columns="days_saved")
    chart = gathered(s06, "reduced A", engagement(tmp_path, sent, **TARGET)).charts[0]

    assert chart.look.gap == ("as delivered", "without expedited lines", "at most bought")
    assert "without the days saved" not in set(chart.rows["series"])
