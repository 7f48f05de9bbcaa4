"""Trade-offs without a rule: where each situation occurs, what covers it, and when a rule is missing."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from helpers.engagement import Engagement
from helpers.measures import situations
from helpers.measures.rules import situations_named
from helpers.measures.tradeoffs import not_seen, tradeoffs
from helpers.settings import Settings
from tests import builders

MONTHS = builders.cycles(6)


def lines(*rows: tuple[str, str, int]) -> pd.DataFrame:
    """Order lines of item a due on the 5th of each of four months: customer, segment, days late."""
    known = [(month + pd.Timedelta(days=4), *row) for month in MONTHS[:4] for row in rows]
    frame = pd.DataFrame(known, columns=["requested_on", "customer_id", "customer_segment", "late"])
    return frame.assign(
        order_id=[str(number) for number in range(len(frame))],
        item_id="a",
        ordered_on=frame["requested_on"],
        delivered_on=frame["requested_on"] + pd.to_timedelta(frame["late"], unit="D"),
        ordered_quantity=10.0,
    ).drop(columns="late")


def client(folder: Path, **tables: pd.DataFrame) -> Engagement:
    """Item a of family Bread, costs 1 and sells at 3; six months."""
    demand = pd.DataFrame({"period": MONTHS, "item_id": "a", "quantity": 10.0})
    items = builders.items(a="Bread").assign(unit_price=3.0)
    return builders.engagement(folder, {"items": items, "actual_demand": demand, **tables})


def shortage(folder: Path, **tables: pd.DataFrame) -> dict[str, object]:
    """The row of T1 where Retail is served two days late and Export nine, in four months."""
    sent = lines(("x", "Retail", 2), ("y", "Export", 9))
    found = tradeoffs(client(folder, order_lines=sent, **tables))
    return found.set_index("code").loc["T1"].to_dict()


def test_an_item_late_for_two_customers_is_a_shared_shortage(tmp_path: Path) -> None:
    """Four months, one family; Retail is always served first."""
    row = shortage(tmp_path)

    assert (row["occurrences"], row["intervals"], row["answer"], row["consistency"]) == (4, 4, "Retail", 1.0)


def test_a_closed_interval_reads_the_same_as_of_its_end_and_later(tmp_path: Path) -> None:
    """January's line of y came in February: on 1 February it was only known to be open, and it counts so for ever."""
    sent = lines(("x", "Retail", 2), ("y", "Export", 30))
    tables = {"items": builders.items(a="Bread"), "order_lines": sent}
    then = builders.engagement(tmp_path / "then", tables, as_of="2024-02-01")
    later = builders.engagement(tmp_path / "later", tables)

    first = situations.shared_shortages(then)
    assert len(first) == 1
    pd.testing.assert_frame_equal(first, situations.shared_shortages(later).head(1))


def test_one_late_customer_shares_nothing(tmp_path: Path) -> None:
    """The other line is on time."""
    found = tradeoffs(client(tmp_path, order_lines=lines(("x", "Retail", 2), ("y", "Export", 0))))

    assert found.empty


def test_without_rules_sent_no_rule_is_called_missing(tmp_path: Path) -> None:
    """Neither covered nor uncovered: a question."""
    row = shortage(tmp_path)

    assert pd.isna(row["covered"])
    assert pd.isna(row["missing_rule"])


@pytest.mark.parametrize(
    ("since", "covered", "is_missing"),
    [("2024-01-01", 1.0, False), ("2024-03-01", 0.5, False), ("2024-04-01", 0.25, True)],
    ids=["from the start", "for half", "for a quarter"],
)
def test_a_rule_covers_from_the_day_it_is_in_force(
    tmp_path: Path, since: str, covered: float, is_missing: bool
) -> None:
    """Shortages in January to April; below half covered the rule is missing."""
    rule = pd.DataFrame({"rule_id": ["R1"], "situation": ["shortage shared"], "effective_from": [since]})
    row = shortage(tmp_path, decision_rules=rule)

    assert (row["covered"], row["missing_rule"]) == (covered, is_missing)


def test_a_decision_with_an_owner_covers_its_cycle_and_family(tmp_path: Path) -> None:
    """January is decided by its owner; February's decision has none, March's was raised after the interval closed."""
    decided = pd.DataFrame(
        {
            "decision_id": ["1", "2", "3"],
            "cycle": MONTHS[:3],
            "family": "Bread",
            "raised_on": ["2024-01-05", "2024-02-05", "2024-04-02"],
            "owner": ["Head of Sales", None, "Head of Sales"],
        }
    )

    assert shortage(tmp_path, decisions=decided)["covered"] == 0.25


def test_only_lines_of_items_without_stock_are_expedited_or_wait(tmp_path: Path) -> None:
    """Empty at the end of January: of the lines received in February one is expedited, in March stock is there."""
    stock = pd.DataFrame({"period": MONTHS[:3], "item_id": "a", "on_hand": [0.0, 5.0, 5.0]})
    received = ["2024-02-10", "2024-02-12", "2024-03-10"]
    orders = pd.DataFrame(
        {"received_on": received, "expedited": [True, False, True], "expedite_cost": [7.0, None, 9.0]}
    )
    orders = orders.assign(
        purchase_order_id=["1", "2", "3"], item_id="a", supplier_id="s", ordered_on="2024-01-05", due_on=received,
        ordered_quantity=1.0,
    )  # fmt: skip
    cells = situations.expedite_or_wait(client(tmp_path, inventory_snapshots=stock, purchase_orders=orders))

    assert cells[["label", "occurs", "cost"]].to_numpy().tolist() == [[pd.Timestamp("2024-02-01"), True, 7.0]]


@pytest.mark.parametrize(("cost", "expected"), [(20.0, []), (20.5, [20.5])], ids=["as much as it earns", "more"])
def test_a_rescue_is_too_dear_above_the_margin_of_its_line(tmp_path: Path, cost: float, expected: list[float]) -> None:
    """Ten pieces at a price of 3 and a cost of 1 earn 20."""
    sent = lines(("x", "Retail", 0)).head(1).assign(expedited=True, expedite_cost=cost)
    cells = situations.costly_rescues(client(tmp_path, order_lines=sent))

    assert cells["cost"].tolist() == expected


@pytest.mark.parametrize(("free", "expected"), [(30.0, 1), (29.0, 0)], ids=["what is owed", "less"])
def test_stock_is_misplaced_when_another_location_could_give_what_is_owed(
    tmp_path: Path, free: float, expected: int
) -> None:
    """North owes 30; South holds `free` above its safety stock of 10."""
    rows = [("2024-01-01", "North", 0.0, 0.0, 30.0), ("2024-01-01", "South", 10.0 + free, 10.0, 0.0)]
    columns = ["period", "location_id", "on_hand", "safety_stock", "backorders"]
    stock = pd.DataFrame(rows, columns=columns).assign(item_id="a")

    assert len(situations.misplaced_stock(client(tmp_path, inventory_snapshots=stock))) == expected


def test_a_buffer_raised_after_expediting_is_the_choice_of_stock(tmp_path: Path) -> None:
    """Expedited in January; the safety stock rises in February and not in March."""
    stock = pd.DataFrame(
        {"period": MONTHS[:4], "item_id": "a", "on_hand": 5.0, "safety_stock": [10.0, 12.0, 12.0, 12.0]}
    )
    orders = pd.DataFrame(
        {
            "purchase_order_id": ["1"], "item_id": "a", "supplier_id": "s", "ordered_on": "2024-01-02",
            "due_on": "2024-01-09", "received_on": "2024-01-09", "ordered_quantity": 1.0, "expedited": True,
        }
    )  # fmt: skip
    cells = situations.stock_or_expedite(client(tmp_path, inventory_snapshots=stock, purchase_orders=orders))

    assert cells["answer"].tolist() == ["stock", "expedite"]
    assert cells["occurs"].tolist() == [True, False]


def test_a_situation_that_cannot_be_looked_for_names_its_columns(tmp_path: Path) -> None:
    """Nothing but demand was sent: all eight are asked for."""
    gaps = not_seen(client(tmp_path))

    assert list(gaps) == ["T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8"]
    assert gaps["T7"] == ("function_plans",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Rule T3 on overtime and buffers", ["T3"]),
        ("raise a buffer", ["T4"]),
        ("depot swaps", ["T5"]),
        ("dress code", []),
    ],
    ids=["a code", "the kit's word", "the client's word", "neither"],
)
def test_a_rule_speaks_of_the_codes_written_in_it_else_of_its_words(text: str, expected: list[str]) -> None:
    """A code is clearer than words, so it goes before them."""
    assert situations_named(text, Settings(situation_words={"T5": ("depot swap",)})) == expected
