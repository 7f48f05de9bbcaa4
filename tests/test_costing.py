"""The money of a run: two views of one ledger, withheld when it does not reconcile, said in plain words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from helpers import costing
from helpers.costing import Ledger, Views
from helpers.diagnosis import Diagnosis, diagnose, ledger_of, open_engagement
from helpers.engagement import Engagement
from helpers.evidence import Cost, Range
from helpers.findings import findings_json
from helpers.measures.ledger import TABLE, Reconciliation
from helpers.measures.pulse import pulse
from helpers.report.cards import card
from helpers.report.price import price
from helpers.settings import Settings
from tests import builders
from tests.report import fakes

SAMPLE = Path(__file__).resolve().parents[1] / "sample_data"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Engagement:
    """The sample company."""
    return open_engagement(SAMPLE, tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="module")
def diagnosed(sample: Engagement) -> Diagnosis:
    """The sample company, diagnosed."""
    return diagnose(sample)


def spent() -> dict[str, pd.DataFrame]:
    """Two years of overtime, ten a month and then a hundred; demand and money beside it."""
    months = builders.cycles(24)
    costs = pd.DataFrame({"period": months, "kind": "overtime", "amount": [10.0] * 12 + [100.0] * 12})
    earned = pd.DataFrame({"period": months, "family": "Bread", "revenue": 2000.0, "cost_of_goods_sold": 1000.0})
    return {"items": builders.items(a="Bread"), "compensation_costs": costs, "financials": earned}


def small(folder: Path, **settings: object) -> tuple[Engagement, Ledger]:
    """An engagement in which no sign was measured, and its ledger."""
    engagement = builders.engagement(folder, spent(), **settings)
    return engagement, costing.build(engagement, lambda number: None)


def with_rows_set_aside(folder: Path, rows: int, total_rows: int = 0) -> tuple[Engagement, Ledger]:
    """The same after the intake set some more rows of the table aside."""
    engagement = builders.engagement(folder, spent())
    tables = [
        replace(t, rows_read=t.rows_read + rows, rows_rejected=rows, total_rows=total_rows) if t.table == TABLE else t
        for t in engagement.manifest.tables
    ]
    engagement.manifest = replace(engagement.manifest, tables=tuple(tables))
    return engagement, costing.build(engagement, lambda number: None)


# the sample


def test_every_row_of_the_sample_is_spent_exactly_once(sample: Engagement, diagnosed: Diagnosis) -> None:
    """All that was booked has an owner, and both views of the last year add up to the same."""
    book, views = ledger_of(sample), diagnosed.money
    booked = pd.read_csv(SAMPLE / "compensation_costs.csv")["amount"].sum()

    assert views is not None
    assert book.rows.loc[book.rows["source"] == TABLE, "amount"].sum() == pytest.approx(booked)
    assert views.incurred.sum() == pytest.approx(views.root.sum())
    assert views.total == pytest.approx(book.recent["amount"].sum())


def test_the_costs_of_the_signs_are_the_rows_of_the_views(diagnosed: Diagnosis) -> None:
    """Signs 4 to 9 by who spends, 1, 2, 3 and 10 by origin."""
    assert diagnosed.money is not None
    by_sign = diagnosed.money.incurred.rename(index=str)
    for found in diagnosed.findings:
        view = by_sign if found.cost.additive else diagnosed.money.root
        assert (found.cost.amount or 0.0) == pytest.approx(view.get(str(found.sign.number), 0.0))


def test_the_findings_say_range_view_and_reconciliation(diagnosed: Diagnosis) -> None:
    """Low, central, high in this order and none above what was spent; quiet signs say none."""
    said = findings_json(diagnosed)

    assert said["money"]["reconciled"] is True
    for sign in said["signs"]:
        cost, spared = sign["cost"], sign["cost"]["avoidable"]
        assert cost["view"] == ("incurred" if cost["additive"] else "root")
        assert (spared is not None) == (sign["status"] in ("isolated", "recurring") and bool(cost["amount"]))
        if spared:
            assert 0 <= spared["low"] <= spared["central"] <= spared["high"] <= cost["amount"] + 0.01


# rules


def test_views_that_differ_are_refused(tmp_path: Path) -> None:
    """Equal totals are a promise, not a hope."""
    _, book = small(tmp_path)

    with pytest.raises(ArithmeticError, match="the views differ"):
        costing.views(book, book.recent.assign(root="1").head(3))


def test_a_cell_is_a_signs_own_also_where_it_spent_nothing(tmp_path: Path) -> None:
    """Overtime every third month before and after: what a root sign claims in all months has cost as much before."""
    tables = spent()
    months = tables["compensation_costs"]["period"][::3]
    overtime = {"period": months, "kind": "overtime", "family": "Bread", "amount": 30.0}
    tables["compensation_costs"] = pd.DataFrame(overtime)
    engagement = builders.engagement(tmp_path, tables)
    book = costing.build(engagement, lambda number: None)
    claims = pd.DataFrame({"label": book.window, "dimension": "family", "value": "Bread", "amount": 1.0})
    own = fakes.finding(1)
    claimed = replace(
        own,
        evidence=fakes.evidence(contributions=claims),
        verdict=replace(own.verdict, breached=tuple(book.window)),
    )

    by_root = costing.rooted(engagement, book, lambda number: claimed if number == 1 else None)
    spending = costing._root_spending(book, costing._sums_and_rows(by_root), by_root[by_root["root"] == "1"])

    assert by_root["amount"].sum() == pytest.approx(book.recent["amount"].sum())
    assert (spending.share[book.window] == 1.0).all(axis=None)


def test_a_ledger_that_does_not_reconcile_withholds_every_cost(tmp_path: Path) -> None:
    """More than 1 % apart: no amount, and the reason in the basis and in the report."""
    engagement, book = small(tmp_path)
    broken = replace(book, reconciliation=Reconciliation(1200.0, 1320.0))
    own = fakes.finding(6)

    incurred = costing.incurred_cost(engagement, own, broken, None)
    root = costing.root_cost(engagement, own, broken, book.recent, None)
    html = price(costing.views(broken, book.recent.assign(root="1")), (own,), "EUR")

    assert incurred.amount is root.amount is None
    assert incurred.basis == root.basis == broken.withheld
    assert "the ledger holds 1,200 of the 1,320 EUR booked in compensation_costs, more than 1 % apart" in html


def test_money_whose_rows_were_partly_set_aside_says_what_it_is_of(tmp_path: Path) -> None:
    """24 of 30 rows could be read: the amount stands, and both views and the reconciliation say of what."""
    engagement, book = with_rows_set_aside(tmp_path, 6)
    own = fakes.finding(6, "absent")

    incurred = costing.incurred_cost(engagement, own, book, None)
    root = costing.root_cost(engagement, own, book, book.recent.assign(root="1", by="start"), None)

    assert incurred.amount == 1200.0
    for said in (incurred.basis, root.basis, book.check()):
        assert ", of what could be read: 6 of 30 rows of compensation_costs set aside" in said


def test_money_of_which_most_was_set_aside_is_not_known(tmp_path: Path) -> None:
    """24 of 31 rows are less than 80 %: no amount in either view, and the report says why."""
    engagement, book = with_rows_set_aside(tmp_path, 7)
    own = fakes.finding(6)

    incurred = costing.incurred_cost(engagement, own, book, None)
    root = costing.root_cost(engagement, own, book, book.recent, None)
    views = costing.views(book, book.recent.assign(root="1"))

    said = "7 of 31 rows of compensation_costs set aside, too many to know what was spent: cost withheld"
    assert incurred.amount is root.amount is None
    assert incurred.basis == root.basis == said
    assert views.withheld
    assert said in price(views, (own,), "EUR")


def test_the_quick_check_of_a_cycle_does_not_say_it_either(tmp_path: Path) -> None:
    """Of 24 of 31 rows no cycle's cost is known; of 24 of 30 it is."""
    of_few, of_most = (with_rows_set_aside(tmp_path / str(rows), rows)[0] for rows in (7, 6))

    assert pulse(of_few)["compensation_cost"].isna().all()
    assert pulse(of_most)["compensation_cost"].iloc[-1] == 100.0


def test_total_rows_take_no_money_away(tmp_path: Path) -> None:
    """What they hold is in their parts."""
    _, book = with_rows_set_aside(tmp_path, 7, total_rows=7)

    assert (book.read, book.withheld) == ("", "")


@pytest.mark.parametrize(
    ("booked", "said"),
    [
        ("gross", "(gross, not premium)"),
        ("premium", "(premium only)"),
        ("unknown", "(gross, not premium, where full wages or freight were booked)"),
    ],
)
def test_the_basis_says_whether_the_money_is_gross_or_premium(tmp_path: Path, booked: str, said: str) -> None:
    """A full wage is not the price of the rescue."""
    engagement, book = small(tmp_path, costs_booked=booked)

    cost = costing.incurred_cost(engagement, fakes.finding(6, "absent"), book, None)

    assert cost.amount == 1200.0
    assert said in cost.basis
    assert cost.avoidable is None


def test_hours_without_a_rate_are_said_as_hours(tmp_path: Path) -> None:
    """No table and no rate: no amount, the hours in the basis; with a rate they are money."""
    months = builders.cycles(6)
    orders = pd.DataFrame(
        {
            "production_order_id": [str(place) for place in range(6)],
            "resource_id": "L1",
            "item_id": "a",
            "planned_start": months,
            "planned_finish": months + pd.Timedelta(days=4),
            "actual_finish": months + pd.Timedelta(days=4),
            "planned_quantity": 10.0,
            "actual_hours": 20.0,
            "overtime_hours": 5.0,
        }
    )
    hours = pd.DataFrame({"resource_id": "L1", "period": months, "planned_hours": 100.0, "available_hours": 100.0})
    tables = {"items": builders.items(a="Bread"), "production_orders": orders, "capacity": hours}
    without = builders.engagement(tmp_path / "without", tables)
    rated = builders.engagement(tmp_path / "rated", tables, overtime_rate=50.0)

    silent = costing.incurred_cost(without, fakes.finding(6), costing.build(without, lambda number: None), None)
    paid = costing.build(rated, lambda number: None)

    assert silent.amount is None
    assert silent.basis.startswith("no compensation_costs could be used; ask for compensation_costs.amount")
    assert costing.build(without, lambda number: None).unpaid_hours == 30.0
    assert paid.rows["amount"].sum() == 1500.0


def test_a_year_of_quarterly_plans_is_four_labels(tmp_path: Path) -> None:
    """Twelve labels of a quarter hold three years: 900 avoidable in them are 300 a year."""
    tables = spent()
    months = builders.cycles(60)
    costs = pd.DataFrame({"period": months, "kind": "overtime", "amount": [10.0] * 24 + [35.0] * 36})
    earned = pd.DataFrame({"period": months, "family": "Bread", "revenue": 2000.0, "cost_of_goods_sold": 1000.0})
    reviews = builders.cycles(61)[::3]
    plans = pd.DataFrame({"cycle": reviews, "period": reviews, "item_id": "a", "quantity": 1.0})
    sent = {**tables, "compensation_costs": costs, "financials": earned, "forecast_snapshots": plans}
    engagement = builders.engagement(tmp_path, sent)
    book = costing.build(engagement, lambda number: None)
    labels = engagement.calendar.labels
    flags = pd.DataFrame({"label": labels, "value": 1.0})
    verdict = fakes.verdict(breached=tuple(labels[8:]))
    own = fakes.finding(6, verdict=verdict, evidence=fakes.evidence(flags=flags))

    cost = costing.incurred_cost(engagement, own, book, None)

    assert cost.avoidable is not None
    assert cost.a_year is not None
    assert len(book.window) == 12
    assert cost.avoidable.central == pytest.approx(900.0)
    assert cost.a_year.central == pytest.approx(300.0)


def test_a_label_with_nothing_too_much_on_stock_cost_nothing(tmp_path: Path) -> None:
    """Carrying cost is measured in each label, so nothing to carry is a zero and not a gap; before, it is a gap."""
    engagement, _ = small(tmp_path)
    labels = engagement.calendar.labels
    money = pd.DataFrame({"label": labels[12:], "unit": "Bread", "amount": [0.0, 5.0] * (len(labels[12:]) // 2)})
    held = fakes.finding(8, evidence=fakes.evidence(money=money, flags=pd.DataFrame({"breach": pd.Series(dtype=bool)})))

    cells = costing.build(engagement, lambda number: held if number == 8 else None).cells

    carried = cells.xs("excess_safety_stock", level="kind").iloc[0]
    assert carried[labels[:12]].isna().all()
    assert carried[labels[12:]].tolist() == money["amount"].tolist()


# the report


def test_the_card_shows_the_range_first_and_the_centre_second() -> None:
    """What could have been spared is a range; what was spent is booked."""
    found = fakes.finding(cost=Cost(1200.0, "as booked", avoidable=Range(300.0, 500.0, 700.0)))

    assert "Avoidable: 300 to 700 EUR, centre 500 EUR</b>, of <b>1,200 EUR</b>" in card(found, Settings())


def test_the_price_shows_two_views_with_one_total() -> None:
    """Headline range over the signs that spend; both tables end in the same total."""
    views = Views(pd.Series({6: 1000.0, 7: 200.0}), pd.Series({"1": 900.0, "unattributed": 300.0}), "It agrees.")
    spends = fakes.finding(6, cost=Cost(1000.0, "", avoidable=Range(100.0, 200.0, 300.0)))
    origin = fakes.finding(1, cost=Cost(900.0, "", additive=False, avoidable=Range(1.0, 2.0, 3.0)))

    html = price(views, (origin, spends), "EUR")

    assert "<b>100 to 300 EUR, centre 200 EUR</b>, of the 1,200 EUR of the last 12" in html
    assert html.count('Total</th><td></td><td class="n">1,200 EUR') == 2
    assert "It agrees." in html
    assert "Not attributed" in html
