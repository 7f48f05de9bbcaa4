"""The ledger: every row of compensation has one owner, and nothing is lost."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.measures.ledger import OWNER_BY_KIND, incurred, root_amount

MARCH = pd.Timestamp("2025-03-01")
NOWHERE = pd.DataFrame({"label": [], "unit": []})


def row(
    kind: str, amount: float, resource: str = "unassigned", inbound: float = 0.0, family: str = "A"
) -> dict[str, object]:
    """One row of compensation booked in March."""
    return {
        "label": MARCH,
        "kind": kind,
        "family": family,
        "resource_id": resource,
        "amount": amount,
        "from_supplier": inbound,
    }


@pytest.mark.parametrize(
    ("kind", "owner"),
    [("overtime", 6), ("premium_purchase", 7), ("out_of_window_production", 4), ("expedite_freight", 6), ("other", 6)],
)
def test_each_kind_has_its_owner(kind: str, owner: int) -> None:
    """Kind decides who owns a row, unless a hidden bottleneck or a supplier does."""
    assert incurred(pd.DataFrame([row(kind, 10.0)]), NOWHERE)["sign"].tolist() == [owner]


def test_overtime_at_a_hidden_bottleneck_belongs_to_sign_five() -> None:
    """Only in the cycle and on the resource of the breach."""
    rows = pd.DataFrame([row("overtime", 10.0, "Line 3"), row("overtime", 7.0, "Line 1")])
    bottleneck = pd.DataFrame({"label": [MARCH], "unit": ["Line 3"]})

    assert incurred(rows, bottleneck).set_index("resource_id")["sign"].to_dict() == {"Line 3": 5, "Line 1": 6}


def test_freight_of_a_supplier_belongs_to_purchasing() -> None:
    """Of 10 freight, 4 with a supplier: 4 to sign 7, 6 to sign 6."""
    owned = incurred(pd.DataFrame([row("expedite_freight", 10.0, inbound=4.0)]), NOWHERE)

    assert owned.set_index("sign")["amount"].to_dict() == {6: 6.0, 7: 4.0}


@given(st.lists(st.tuples(st.sampled_from(sorted(OWNER_BY_KIND)), st.integers(0, 1000)), min_size=1, max_size=20))
def test_every_row_is_spent_exactly_once(costs: list[tuple[str, int]]) -> None:
    """Whatever the kinds, the owners' amounts add up to the amounts booked."""
    rows = pd.DataFrame([row(kind, float(amount), inbound=amount / 2) for kind, amount in costs])

    assert incurred(rows, NOWHERE)["amount"].sum() == pytest.approx(rows["amount"].sum())


def test_the_root_view_takes_only_breaching_families_in_their_cycles() -> None:
    """Family B did not breach: its money is not laid at the sign's door."""
    rows = pd.DataFrame([row("overtime", 10.0, family="A"), row("overtime", 7.0, family="B")])
    breaches = pd.DataFrame({"label": [MARCH], "unit": ["A"]})

    assert root_amount(rows, breaches, by_family=True) == 10.0
    assert root_amount(rows, breaches, by_family=False) == 17.0
