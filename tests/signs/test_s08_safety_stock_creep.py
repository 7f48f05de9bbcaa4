"""S8: safety stock against the risk it should cover."""

from __future__ import annotations

from pathlib import Path as Folder

import numpy as np
import pandas as pd
import pytest

from helpers.engagement import Engagement
from helpers.errors import NotAssessable
from helpers.evidence import Evidence
from helpers.judgement.judge import judge
from helpers.signs.s08_safety_stock_creep import SIGN, gather
from tests import builders
from tests.signs import stock_cases as cases
from tests.signs.replay import assert_same_as_of

PATHS = {path.name: path for path in SIGN.paths}
ITEMS = 16
NEED = 1.645 * cases.RISK * np.sqrt(2)  # z at 95 %, two months to cover: one of lead time, one of review


def buffers(times: list[float], on_hand: float = 2.0) -> pd.DataFrame:
    """Safety stock of `times` the need in each month, the same for all items."""
    rows = cases.grid(ITEMS, len(times))
    factor = rows["period"].map(dict(zip(cases.months(len(times)), times, strict=True)))
    return rows.assign(on_hand=on_hand * NEED * factor, safety_stock=NEED * factor)


def opened(
    folder: Folder, times: list[float], risk: float = cases.RISK, day: str | None = None, **settings: object
) -> Engagement:
    """The network with these buffers; every family is critical."""
    asked = cases.demand(ITEMS, risk, periods=len(times))
    families = ("family 0", "family 1")
    tables = cases.network(ITEMS, buffers(times), asked)
    return builders.engagement(folder, tables, as_of=day, critical_families=families, **settings)


def seen(folder: Folder, times: list[float], path: str = "full", **settings: object) -> tuple[Evidence, Engagement]:
    """Evidence on `path`."""
    engagement = opened(folder, times, **settings)  # type: ignore[arg-type]
    assert engagement.has(*PATHS[path].needs)
    return gather(engagement, PATHS[path]), engagement


CREEP = [1.0] * 14 + [1.0 + 0.12 * k for k in range(1, 15)]


def test_a_buffer_that_is_what_risk_asks_for_has_a_ratio_near_one(tmp_path: Folder) -> None:
    """16 items with sd 20 over two months at 95 %: the estimate stays within 20 % of the planted need."""
    evidence, _ = seen(tmp_path, [1.0] * 28)

    assert evidence.metrics[0].values.tail(12).between(0.8, 1.2).all()


@pytest.mark.case("fires")
@pytest.mark.parametrize("path", ["full", "reduced"])
def test_buffers_raised_month_after_month_recur(tmp_path: Folder, path: str) -> None:
    """12 % of the start a month for fourteen months, with unchanged risk, is creep."""
    evidence, engagement = seen(tmp_path, CREEP, path)

    assert judge(SIGN, evidence, engagement.calendar).status == "recurring"


def test_one_family_of_two_that_only_raises_recurs(tmp_path: Folder) -> None:
    """7 % more each month in one family, with unchanged risk: found before the ratio reaches 1.3."""
    held = buffers([1.0] * 28)
    month = (held["period"].dt.year - 2023) * 12 + held["period"].dt.month - 1
    crept = (held["item_id"].str[1:].astype(int) % 2 == 0) & (month >= 20)
    held["safety_stock"] *= np.where(crept, 1.07 ** (month - 19).clip(lower=0), 1.0)
    tables = cases.network(ITEMS, held, cases.demand(ITEMS, periods=28))
    engagement = builders.engagement(tmp_path, tables, as_of="2025-03-01", critical_families=("family 0", "family 1"))
    evidence = gather(engagement, PATHS["full"])
    verdict = judge(SIGN, evidence, engagement.calendar)

    assert verdict.status == "recurring"
    assert verdict.leading_unit == "family 0"


def test_a_single_raise_is_a_step_and_not_creep(tmp_path: Folder) -> None:
    """20 % more in one month and nothing after stays isolated, however long the window remembers it."""
    evidence, engagement = seen(tmp_path, [1.0] * 16 + [1.2] * 12)
    states = judge(SIGN, evidence, engagement.calendar).states

    assert "recurring" not in {state.status for state in states}


def test_raises_that_others_are_cut_for_are_no_creep(tmp_path: Folder) -> None:
    """Half of a family up by 10 % and half down by 10 %, every quarter anew: cuts are set against raises."""
    held = buffers([1.0] * 28)
    quarter = ((held["period"].dt.year - 2023) * 12 + held["period"].dt.month) // 3
    side = np.where((held["item_id"].str[1:].astype(int) // 2 + quarter) % 2, 1.1, 0.9)
    tables = cases.network(
        ITEMS, held.assign(safety_stock=held["safety_stock"] * side), cases.demand(ITEMS, periods=28)
    )
    engagement = builders.engagement(tmp_path, tables, critical_families=("family 0", "family 1"))
    crept = gather(engagement, PATHS["full"]).metrics[1].values

    assert crept.max() < 0.04


def test_a_client_far_below_need_may_catch_up(tmp_path: Folder) -> None:
    """From 0.3 up to 0.48 of the need in steps of 0.03 nothing is creep; the same steps on from 0.95 are."""
    steps = [0.03 * k for k in range(1, 7)]
    below, _ = seen(tmp_path / "below", [0.3] * 20 + [0.3 + step for step in steps])
    above, _ = seen(tmp_path / "above", [0.95] * 20 + [0.95 + step for step in steps])

    assert not below.flags["breach"].any()
    assert above.flags.loc[above.flags["label"] == above.flags["label"].max(), "breach"].all()


def test_what_creep_costs_is_counted_from_where_a_family_began(tmp_path: Folder) -> None:
    """Half of the need for long, then all of it: half of the need is carried more than at the start."""
    evidence, engagement = seen(tmp_path, [0.5] * 22 + [1.0] * 6)
    rate = engagement.settings.carrying_cost_rate / 12

    last = evidence.money[evidence.money["label"] == evidence.money["label"].max()]["amount"].sum()
    assert last == pytest.approx(0.5 * ITEMS * NEED * rate, rel=0.2)


@pytest.mark.case("quiet")
def test_large_buffers_for_a_large_risk_are_absent(tmp_path: Folder) -> None:
    """Risk 2.5 times as large with buffers 2.5 times as large is a volatile business, not creep."""
    evidence, engagement = seen(tmp_path, [2.5] * 28, risk=50.0)

    assert judge(SIGN, evidence, engagement.calendar).status == "absent"


def test_stock_in_hand_alone_never_clears(tmp_path: Folder) -> None:
    """The minimum path finds nothing in a steady client and says not assessable instead of absent."""
    evidence, engagement = seen(tmp_path, [1.0] * 28, "minimum")

    assert judge(SIGN, evidence, engagement.calendar).status == "not_assessable"


def test_stock_in_hand_that_triples_raises_the_weak_path(tmp_path: Folder) -> None:
    """Stock growing by 20 % of its start a month passes 1.3 and keeps rising."""
    evidence, engagement = seen(tmp_path, [2.0] * 10 + [2.0 + 0.6 * k for k in range(1, 19)], "minimum")

    assert judge(SIGN, evidence, engagement.calendar).status == "recurring"


@pytest.mark.case("limit")
@pytest.mark.parametrize(("above", "breach"), [(0.0, True), (1e-6, False)], ids=["at amber", "just below"])
def test_reaching_the_limit_counts(tmp_path: Folder, above: float, breach: bool) -> None:
    """The limit set to the measured ratio is reached; set a hair higher it is not."""
    times = [1.0] * 14 + [2.5] * 10
    first, _ = seen(tmp_path / "first", times)
    last = first.flags.iloc[-1]
    limits = {"s08.buffer_ratio": {"amber": last["value"] + above, "red": 9.0}}
    second, _ = seen(tmp_path / "second", times, limits=limits)

    assert bool(second.flags.iloc[-1]["breach"]) == breach


@pytest.mark.case("not_assessable")
def test_stock_without_history_of_demand_is_not_assessable(tmp_path: Folder) -> None:
    """Five months of demand are too few for a risk; the reason names demand."""
    engagement = opened(tmp_path, [1.0] * 5)

    with pytest.raises(NotAssessable) as raised:
        gather(engagement, PATHS["full"])
    assert "actual_demand.quantity" in raised.value.missing


def test_critical_families_that_hold_no_stock_leave_nothing_to_judge(tmp_path: Folder) -> None:
    """Named in the settings, but not in the extract: said, and no failure."""
    tables = cases.network(ITEMS, buffers([1.0] * 28), cases.demand(ITEMS, periods=28))
    engagement = builders.engagement(tmp_path, tables, critical_families=("family 99",))

    for path in PATHS.values():
        with pytest.raises(NotAssessable, match="none of the critical families"):
            gather(engagement, path)


def test_items_without_demand_for_a_year_take_no_part(tmp_path: Folder) -> None:
    """A dead item with a huge buffer does not move the ratio."""
    asked, stock = cases.demand(ITEMS, periods=28), buffers([1.0] * 28)
    dead = asked["item_id"] == "i00"
    stock["safety_stock"] = stock["safety_stock"].mask(stock["item_id"] == "i00", 9e6)
    tables = cases.network(ITEMS, stock, asked.assign(quantity=asked["quantity"].mask(dead, 0.0)))
    engagement = builders.engagement(tmp_path, tables, critical_families=("family 0", "family 1"))

    assert gather(engagement, PATHS["full"]).metrics[0].values.iloc[-1] < 1.5


@pytest.mark.case("invariant")
def test_the_unit_of_quantity_changes_nothing(tmp_path: Folder) -> None:
    """Pieces or thousands: demand, forecast and stock times 1,000 give the same ratios."""
    tables = cases.network(ITEMS, buffers(CREEP), cases.demand(ITEMS, periods=28))
    larger = dict(tables)
    for name, columns in (
        ("actual_demand", ["quantity"]),
        ("forecast_snapshots", ["quantity"]),
        ("inventory_snapshots", ["on_hand", "safety_stock"]),
    ):
        larger[name] = tables[name].assign(**{column: tables[name][column] * 1000 for column in columns})
    families = {"critical_families": ("family 0", "family 1")}
    plain = gather(builders.engagement(tmp_path / "plain", tables, **families), PATHS["full"])
    scaled = gather(builders.engagement(tmp_path / "scaled", larger, **families), PATHS["full"])

    pd.testing.assert_frame_equal(plain.flags, scaled.flags, rtol=1e-9)


@pytest.mark.case("as_of")
@pytest.mark.parametrize("path", ["full", "minimum"])
def test_a_full_run_says_of_the_past_what_a_run_of_that_day_said(tmp_path: Folder, path: str) -> None:
    """Errors, lead times and bootstrap of a label use what was known when its interval closed."""
    random = np.random.default_rng(5)
    times = list(1 + random.random(28).cumsum() / 12)

    def open_at(day: str | None) -> Engagement:
        return opened(tmp_path / (day or "end"), times, day=day)

    assert_same_as_of(gather, PATHS[path], open_at, ["2024-01-01", "2024-08-01", "2025-02-01"])
