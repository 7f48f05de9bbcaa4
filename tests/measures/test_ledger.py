"""The ledger: every row of compensation has one owner, in both views, and nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.measures.ledger import OWNER_BY_KIND, Reconciliation, incurred, ledger_rows, owner, reconcile, stacked
from helpers.measures.origins import by_root, claims
from tests import builders

MARCH = pd.Timestamp("2025-03-01")
NOWHERE = pd.DataFrame({"label": [], "unit": []})
NO_EVENT = pd.DataFrame({"label": [], "subject_id": []})
NO_CODE = pd.DataFrame(columns=["label", "family", "supplier_id", "code", "share"])
NO_CLAIM = pd.DataFrame(columns=["label", "place", "unit", "sign"])
KINDS = sorted(OWNER_BY_KIND)


def row(kind: str, amount: float, **named: object) -> dict[str, object]:
    """One row of compensation booked in March; `named` says family, resource, supplier, inbound."""
    return {"label": MARCH, "kind": kind, "amount": amount, "source": "compensation_costs", **named}


def rows(*booked: dict[str, object]) -> pd.DataFrame:
    """Rows as the ledger holds them."""
    return stacked([pd.DataFrame(list(booked))])


def claimed(sign: int, place: str, *units: str) -> pd.DataFrame:
    """A root sign that breached in March at some units."""
    carried = pd.DataFrame({"label": MARCH, "dimension": place, "value": list(units), "amount": 1.0})
    return claims(sign, [MARCH], carried)


def roots(booked: pd.DataFrame, *claims_of_signs: pd.DataFrame, **known: pd.DataFrame) -> dict[str, float]:
    """Money by root."""
    found = by_root(
        incurred(booked, NOWHERE),
        pd.concat([NO_CLAIM, *claims_of_signs]),
        known.get("exogenous", NO_EVENT),
        known.get("codes", NO_CODE),
    )
    return found.groupby("root")["amount"].sum().to_dict()


# incurred


@pytest.mark.parametrize(
    ("kind", "sign"),
    [("overtime", 6), ("premium_purchase", 7), ("out_of_window_production", 4), ("expedite_freight", 6), ("other", 6)],
)
def test_each_kind_has_its_owner(kind: str, sign: int) -> None:
    """Kind decides who owns a row, unless a hidden bottleneck or a supplier does."""
    assert owner(rows(row(kind, 10.0)), NOWHERE).tolist() == [sign]


def test_overtime_at_a_hidden_bottleneck_belongs_to_sign_five() -> None:
    """Only in the cycle and on the resource of the breach."""
    booked = rows(row("overtime", 10.0, resource_id="Line 3"), row("overtime", 7.0, resource_id="Line 1"))
    bottleneck = pd.DataFrame({"label": [MARCH], "unit": ["Line 3"]})

    assert owner(booked, bottleneck).tolist() == [5, 6]


def test_a_kind_without_an_owner_is_refused() -> None:
    """Money that belongs to nobody would leave the total in silence."""
    with pytest.raises(KeyError, match="bribes"):
        owner(rows(row("bribes", 1.0)), NOWHERE)


# both views


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(KINDS),
            st.integers(1, 1000),
            st.sampled_from(["A", "B", None]),
            st.sampled_from(["L1", None]),
            st.sampled_from(["S1", None]),
            st.booleans(),
        ),
        min_size=1,
        max_size=20,
    ),
    st.lists(st.tuples(st.sampled_from([1, 2, 3, 10]), st.sampled_from(["A", "B"])), max_size=4),
    st.sampled_from([None, "A", "L1"]),
)
def test_every_row_is_spent_exactly_once_in_both_views(booked, at_work, subject) -> None:  # type: ignore[no-untyped-def]
    """Whatever the kinds, units, claims, codes and events: both totals are what was booked."""
    named = [
        row(kind, float(amount), family=f, resource_id=r, supplier_id=s, inbound=i)
        for kind, amount, f, r, s, i in booked
    ]
    ledger = incurred(rows(*named), pd.DataFrame({"label": [MARCH], "unit": ["L1"]}))
    codes = pd.DataFrame(
        {
            "label": MARCH,
            "family": "A",
            "supplier_id": "S1",
            "code": ["pulled_in", "supplier_late"],
            "share": [0.25, 0.75],
        }
    )
    event = pd.DataFrame({"label": [MARCH], "subject_id": [subject]})
    claims_of_signs = [claimed(sign, "family", family) for sign, family in at_work]

    root = by_root(ledger, pd.concat([NO_CLAIM, *claims_of_signs]), event, codes)

    total = sum(amount for _, amount, *_ in booked)
    assert len(ledger) == len(booked)
    assert ledger["sign"].notna().all()
    assert ledger["amount"].sum() == pytest.approx(total)
    assert root["root"].notna().all()
    assert root["amount"].sum() == pytest.approx(total)


def test_the_root_view_takes_only_the_breaching_families_of_the_cycle() -> None:
    """Family B did not breach: its money is not laid at the sign's door."""
    booked = rows(row("overtime", 10.0, family="A"), row("overtime", 7.0, family="B"))

    assert roots(booked, claimed(1, "family", "A")) == {"1": 10.0, "unattributed": 7.0}


def test_of_two_signs_at_one_unit_the_first_of_the_chain_takes_the_row() -> None:
    """Late changes come before assumptions for purchases, after them for overtime."""
    both = (claimed(1, "family", "A"), claimed(3, "family", "A"))

    assert roots(rows(row("premium_purchase", 5.0, family="A")), *both) == {"1": 5.0}
    assert roots(rows(row("overtime", 5.0, family="A")), *both) == {"3": 5.0}


def test_the_resource_of_a_row_comes_before_its_family() -> None:
    """The nearest unit decides, whatever the chain says."""
    booked = rows(row("out_of_window_production", 5.0, family="A", resource_id="L1"))

    assert roots(booked, claimed(1, "family", "A"), claimed(3, "resource", "L1")) == {"3": 5.0}


def test_an_outside_event_comes_before_every_sign() -> None:
    """A strike at L1 takes L1's row, not that of L2."""
    booked = rows(row("overtime", 5.0, resource_id="L1"), row("overtime", 3.0, resource_id="L2"))
    strike = pd.DataFrame({"label": [MARCH], "subject_id": ["L1"]})

    assert roots(booked, claimed(3, "resource", "L1", "L2"), exogenous=strike) == {"exogenous": 5.0, "3": 3.0}


def test_cause_codes_split_a_purchase_before_timing_does() -> None:
    """A quarter pulled in goes to late changes, three quarters of late supply to the outside, none to sign 2."""
    booked = rows(row("premium_purchase", 8.0, family="A", supplier_id="S1", inbound=True))
    codes = pd.DataFrame(
        {
            "label": MARCH,
            "family": "A",
            "supplier_id": "S1",
            "code": ["pulled_in", "supplier_late"],
            "share": [0.25, 0.75],
        }
    )

    found = roots(booked, claimed(1, "family", "A"), claimed(2, "family", "A"), codes=codes)

    assert found == {"1": 2.0, "exogenous": 6.0}


def test_a_row_that_names_no_place_follows_timing_alone() -> None:
    """A client who keeps no families still has a root view."""
    assert roots(rows(row("overtime", 4.0)), claimed(2, "family", "A")) == {"2": 4.0}


# sources


def sent(**tables: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Two items and demand of three months, beside what a test sends."""
    months = builders.cycles(3)
    demand = pd.DataFrame({"period": months, "item_id": "a", "quantity": 10.0})
    return {"items": builders.items(a="Bread", b="Milk"), "actual_demand": demand, **tables}


def costs(**columns: object) -> pd.DataFrame:
    """100 of one kind in each of three months."""
    return pd.DataFrame({"period": builders.cycles(3), "kind": "expedite_freight", "amount": 100.0, **columns})


def lines(**columns: object) -> pd.DataFrame:
    """An order line a month, delivered on the 20th at an expedite cost of 30."""
    days = builders.cycles(3)
    base = {"order_id": ["1", "2", "3"], "line_id": "1", "item_id": "a", "ordered_on": days}
    dated = {"requested_on": days + pd.Timedelta(days=19), "delivered_on": days + pd.Timedelta(days=19)}
    return pd.DataFrame({**base, **dated, "ordered_quantity": 5.0, "expedite_cost": 30.0, "expedited": True, **columns})


def test_a_row_that_names_only_an_item_has_the_family_of_the_item(tmp_path: Path) -> None:
    """Else its money could never be laid at a family's door."""
    found = ledger_rows(builders.engagement(tmp_path, sent(compensation_costs=costs(item_id="b"))))

    assert found["family"].unique().tolist() == ["Milk"]


def test_lines_never_add_to_the_table(tmp_path: Path) -> None:
    """300 booked and 90 on the lines: 300."""
    engagement = builders.engagement(tmp_path, sent(compensation_costs=costs(), order_lines=lines()))
    found = ledger_rows(engagement)

    check = reconcile(engagement, found)

    assert found["amount"].sum() == pytest.approx(300.0)
    assert check is not None
    assert check.holds


def test_without_the_table_the_lines_build_the_ledger(tmp_path: Path) -> None:
    """Three rushed deliveries of 30; nothing to reconcile with."""
    engagement = builders.engagement(tmp_path, sent(order_lines=lines()))
    found = ledger_rows(engagement)

    assert found.groupby(["kind", "source"])["amount"].sum().to_dict() == {("expedite_freight", "order_lines"): 90.0}
    assert reconcile(engagement, found) is None


def test_a_line_closed_with_nothing_delivered_loses_its_margin(tmp_path: Path) -> None:
    """Five pieces at 3, cost 1: ten each; a line delivered in part loses none."""
    closed = lines(delivered_quantity=[0.0, 4.0, 0.0], unit_price=3.0).drop(columns=["expedite_cost", "expedited"])
    found = ledger_rows(builders.engagement(tmp_path, sent(order_lines=closed)))

    assert found.groupby("kind")["amount"].sum().to_dict() == {"lost_margin": 20.0}
    assert owner(found, NOWHERE).unique().tolist() == [9]


def test_freight_without_any_supplier_is_split_as_the_lines_split_it(tmp_path: Path) -> None:
    """30 outbound and 10 inbound on the lines: a quarter of the booked 100 belongs to purchasing."""
    days = builders.cycles(3)
    bought = pd.DataFrame(
        {
            "purchase_order_id": ["1", "2", "3"],
            "item_id": "a",
            "supplier_id": "S1",
            "ordered_on": days,
            "due_on": days + pd.Timedelta(days=9),
            "received_on": days + pd.Timedelta(days=9),
            "ordered_quantity": 1.0,
            "expedited": True,
            "expedite_cost": 10.0,
        }
    )
    tables = sent(compensation_costs=costs(), order_lines=lines(), purchase_orders=bought)
    found = ledger_rows(builders.engagement(tmp_path, tables))

    assert found.groupby("inbound")["amount"].sum().to_dict() == {False: 225.0, True: 75.0}


@pytest.mark.parametrize(("held", "holds"), [(99.0, True), (101.0, True), (98.9, False), (101.1, False)])
def test_one_per_cent_is_the_most_the_ledger_may_differ(held: float, holds: bool) -> None:
    """Reaching 1 % is still agreement."""
    assert Reconciliation(held, 100.0).holds is holds
