"""Histories that were overwritten and columns that nobody keeps count as not sent, and nothing is cleared by them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from helpers.diagnosis import measured
from helpers.doubts import BUFFERS, PROMISED
from helpers.engagement import Engagement
from helpers.evidence import Finding
from helpers.measures.pulse import pulse
from helpers.measures.service import otif
from helpers.signs import registry
from tests import builders

CYCLES = builders.cycles(10)
ITEMS = [f"i{n}" for n in range(8)]
SAID = "forecast snapshots never differ: it looks as if one version overwrote the others; ask for the snapshots as they"


def snapshots(moves: bool = False, flat: bool = False, count: int = 10) -> pd.DataFrame:
    """`count` cycles of eight items, six periods ahead: each target by its month, or flat; `moves` changes one number.

    Items times targets that two cycles hold, 8 · 9 · 5 = 360 with ten cycles.
    """
    cells = [
        (cycle, item, period, 100.0 if flat else 100.0 + period.month)
        for cycle in CYCLES[:count]
        for item in ITEMS
        for period in pd.date_range(cycle, periods=6, freq="MS")
    ]
    rows = pd.DataFrame(cells, columns=["cycle", "item_id", "period", "quantity"])
    rows.loc[len(rows) - 1 if not moves else len(rows) - 2, "quantity"] += 1.0 if moves else 0.0
    return rows


def opened(folder: Path, **tables: pd.DataFrame) -> Engagement:
    """An engagement of eight items with demand and some tables."""
    items = builders.items(**dict.fromkeys(ITEMS, "Bread"))
    grid = pd.MultiIndex.from_product([CYCLES, ITEMS], names=["period", "item_id"]).to_frame(index=False)
    return builders.engagement(folder, {"items": items, "actual_demand": grid.assign(quantity=100.0), **tables})


def sign(engagement: Engagement, number: int) -> Finding:
    """What one sign finds."""
    return measured(engagement, next(entry for entry in registry() if entry.sign.number == number))


def lines(late: int = 0, count: int = 30) -> pd.DataFrame:
    """Delivered lines, promised for the day on which they came, wished a week before; some came a day later."""
    days = pd.Series(pd.date_range("2024-02-10", periods=count))
    rows = {"order_id": [str(n) for n in range(count)], "item_id": ITEMS[0], "ordered_on": days - pd.Timedelta(days=30)}
    frame = pd.DataFrame({**rows, "requested_on": days - pd.Timedelta(days=7), "promised_on": days})
    came = days + pd.to_timedelta([1] * late + [0] * (count - late), unit="D")
    return frame.assign(delivered_on=came, ordered_quantity=5.0, delivered_quantity=5.0)


# snapshots


def test_a_forecast_that_no_cycle_changed_counts_as_not_sent(tmp_path: Path) -> None:
    """Its rows are not handed out, its sign cannot be assessed and says why, and nothing is stable because of it."""
    engagement = opened(tmp_path, forecast_snapshots=snapshots())

    found = sign(engagement, 1)

    assert not engagement.has("forecast_snapshots")
    assert engagement.frame(engagement.table("forecast_snapshots")).empty
    assert (found.verdict.status, found.missing) == ("not_assessable", ("forecast_snapshots",))
    assert found.reason.startswith(SAID)
    assert pulse(engagement)["forecast_stability"].isna().all()


def test_the_cycles_are_still_those_of_the_snapshots(tmp_path: Path) -> None:
    """That a plan was published then is not in doubt."""
    assert list(opened(tmp_path, forecast_snapshots=snapshots()).calendar.plan_cycles) == list(CYCLES)


@pytest.mark.parametrize(
    "rows",
    [snapshots(moves=True), snapshots(flat=True), snapshots(count=6)],
    ids=["one number moved", "every period is the same", "five pairs"],
)
def test_other_forecasts_are_believed(tmp_path: Path, rows: pd.DataFrame) -> None:
    """A flat forecast has nothing to change, and few cycles may go by without a change."""
    assert opened(tmp_path, forecast_snapshots=rows).doubts == {}


def test_a_production_plan_that_no_cycle_changed_counts_as_not_sent(tmp_path: Path) -> None:
    """Sign 4 does not call a plan kept whose versions are one."""
    plan = snapshots().assign(resource_id="L1")
    engagement = opened(tmp_path, production_plan_snapshots=plan)

    found = sign(engagement, 4)

    assert found.verdict.status == "not_assessable"
    assert found.reason.startswith("production plan snapshots never differ")
    assert pulse(engagement)["production_plan_stability"].isna().all()


# promises


def test_promises_that_equal_every_delivery_are_not_held_against_it(tmp_path: Path) -> None:
    """The wish stands in: 30 lines came a week after it, and the sign's basis says so."""
    engagement = opened(tmp_path, order_lines=lines())

    assert list(engagement.doubts) == [PROMISED]
    assert otif(engagement)["otif"].tolist() == [0.0, 0.0]
    basis = sign(engagement, 6).evidence
    assert basis is None or "Counted as not sent: promised_on equals delivered_on" in basis.basis


@pytest.mark.parametrize("rows", [lines(late=1), lines(count=29)], ids=["one line was late", "few lines"])
def test_other_promises_are_believed(tmp_path: Path, rows: pd.DataFrame) -> None:
    """One difference shows that promise and delivery are two things; of few lines all may have been kept."""
    assert opened(tmp_path, order_lines=rows).doubts == {}


# buffers


def stock(safety_stock: list[float | None]) -> pd.DataFrame:
    """Stock of eight items at the end of ten periods, with the safety stocks of the first ones and 0 for the rest."""
    grid = pd.MultiIndex.from_product([CYCLES, ITEMS], names=["period", "item_id"]).to_frame(index=False)
    rest = [0.0] * (len(grid) - len(safety_stock))
    return grid.assign(on_hand=50.0, safety_stock=[*safety_stock, *rest])


def test_safety_stocks_that_are_all_0_count_as_not_sent(tmp_path: Path) -> None:
    """Sign 8 takes the path that can raise it, but not clear it; the cells are handed out as missing."""
    engagement = opened(tmp_path, inventory_snapshots=stock([]))

    assert list(engagement.doubts) == [BUFFERS]
    assert engagement.frame(engagement.table("inventory_snapshots"))["safety_stock"].isna().all()
    assert engagement.missing("inventory_snapshots.safety_stock", "inventory_snapshots") == (BUFFERS,)
    assert sign(engagement, 8).verdict.status != "absent"


def test_one_safety_stock_shows_that_the_column_is_kept(tmp_path: Path) -> None:
    """Items without a buffer are a policy."""
    assert opened(tmp_path, inventory_snapshots=stock([7.0])).doubts == {}
