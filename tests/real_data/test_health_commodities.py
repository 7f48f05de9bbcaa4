"""Shipments of medicines and tests: as dirty as they came, and every row accounted for."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.diagnosis import diagnose
from tests.real_data.extracts import Case, assert_rows_add_up, assert_says_what_to_ask_for, mapping, statuses


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    """The shipments, taken in."""
    return Case("health_commodities", mapping("health_commodities"), tmp_path_factory.mktemp("health"))


@pytest.fixture(scope="module")
def diagnosis(case):
    """What the kit says on them."""
    return diagnose(case.engagement)


@pytest.fixture(scope="module")
def shipments(case):
    """The file as it came, with its two delivery dates read."""
    rows = pd.read_csv(case.data / "shipments.csv", dtype=str, keep_default_na=False)
    for column in ("Scheduled Delivery Date", "Delivered to Client Date"):
        rows[column] = pd.to_datetime(rows[column], format="%d-%b-%y")
    return rows


def counts(case, table):
    """Rows read, used and set aside."""
    taken = case.manifest.table(table)
    return taken.rows_read, taken.rows_used, taken.rows_rejected


def test_every_row_is_used_or_set_aside_with_a_reason(case):
    """Rows read are rows used plus rows set aside, and each of the latter names its column, value and rule."""
    assert_rows_add_up(case)
    assert counts(case, "purchase_orders") == (4920, 4587, 333)
    assert counts(case, "order_lines") == (10324, 7633, 2691)
    assert counts(case, "compensation_costs") == (650, 424, 226)
    assert counts(case, "items") == (184, 184, 0)


def test_purchase_orders_are_set_aside_for_missing_dates_and_receipts_before_the_order(case):
    """328 rows say that the order date was not captured; five were received before they were ordered."""
    rejected = pd.DataFrame(case.rejected("purchase_orders"))

    assert (rejected["value"] == "Date Not Captured").sum() == 328
    assert rejected["rule"].str.startswith("lies before ordered_on").sum() == 5


def test_freight_told_elsewhere_is_set_aside_not_taken_for_zero(case, shipments):
    """Charter freight is the sum of the rows that hold an amount; text such as 'See DN-304' is listed."""
    charters = shipments.loc[shipments["Shipment Mode"] == "Air Charter", "Freight Cost (USD)"]
    costs = case.engagement.frame(case.engagement.table("compensation_costs"))

    assert costs["amount"].sum() == pytest.approx(pd.to_numeric(charters, errors="coerce").sum())
    assert {line["value"].split("-")[0] for line in case.rejected("compensation_costs")} == {
        "See DN",
        "See ASN",
        "Freight Included in Commodity Cost",
        "Invoiced Separately",
    }


def test_the_misread_accent_is_mended_by_the_mapping(case):
    """The file spells one country in a twice encoded way; the mapping gives its name back."""
    lines = case.engagement.table("order_lines")
    countries = set(case.engagement.frame(lines.select("customer_id").distinct())["customer_id"])

    assert "Côte d'Ivoire" in countries
    assert not any("Ã" in country for country in countries)


def test_on_time_is_the_share_of_lines_delivered_by_their_scheduled_date(case, diagnosis, shipments):
    """The kit's OTIF by month of the scheduled date equals a count over the same rows by hand."""
    aside = {int(line["line"]) for line in case.rejected("order_lines")}
    used = shipments[~(shipments.index + 2).isin(aside)]
    on_time = used["Delivered to Client Date"] <= used["Scheduled Delivery Date"]
    by_hand = on_time.groupby(used["Scheduled Delivery Date"].dt.to_period("M").dt.start_time).mean()
    otif = next(finding for finding in diagnosis.findings if finding.sign.number == 6).evidence.metrics
    measured = next(metric for metric in otif if metric.name == "otif").values.dropna()

    assert len(measured) > 60
    assert measured.tolist() == pytest.approx(by_hand.reindex(measured.index).tolist())


def test_two_signs_are_assessed_and_the_others_say_what_to_ask_for(diagnosis):
    """Without plans, forecasts or stock only service and expediting can be judged."""
    found = statuses(diagnosis)

    assert {number for number, status in found.items() if status != "not_assessable"} == {6, 7}
    assert (found[6], found[7]) == ("isolated", "absent")
    assert_says_what_to_ask_for(diagnosis)
