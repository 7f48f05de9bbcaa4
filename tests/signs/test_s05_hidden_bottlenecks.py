"""S05: the resource that is rescued again and again though the plan called it feasible."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.errors import NotAssessable
from helpers.judgement.judge import judge
from helpers.signs import s05_hidden_bottlenecks as s05
from tests.builders import cycles, engagement, items
from tests.signs import small_plant
from tests.signs.replay import assert_same_as_of
from tests.signs.small_plant import breached, each, gathered, opened, path_of

MONTHS = 12
LINES = ("L1", "L2", "L3", "L4")
DAYS = ("2024-07-01", "2024-10-01", "2025-01-01")


def plant(
    overtime: dict[str, list[float]], planned: float = 80.0, hours: float = 100.0, speed: float = 1.0
) -> dict[str, pd.DataFrame]:
    """Lines of 100 hours planned at 80 every month, one order a month each, with overtime hours by month."""
    months = cycles(MONTHS)
    orders = each(months, LINES, "planned_start", "resource_id")
    orders["production_order_id"] = [f"P{n}" for n in range(len(orders))]
    orders["item_id"] = "a"
    orders["actual_finish"] = orders["planned_start"] + pd.Timedelta(days=20)
    orders["planned_quantity"] = orders["actual_quantity"] = orders["standard_hours"] = planned
    orders["actual_hours"] = planned / speed
    spent = {line: [*values, *[0.0] * (MONTHS - len(values))] for line, values in overtime.items()}
    place = months.get_indexer(orders["planned_start"])
    orders["overtime_hours"] = [
        spent.get(line, [0.0] * MONTHS)[month] for line, month in zip(orders["resource_id"], place, strict=True)
    ]
    ahead = [
        (cycle, line, "a", months[c + k])
        for c, cycle in enumerate(months)
        for line in LINES
        for k in range(3)
        if c + k < MONTHS
    ]
    plan = pd.DataFrame(ahead, columns=["cycle", "resource_id", "item_id", "period"])
    capacity = each(months, LINES, "period", "resource_id").assign(
        planned_hours=hours, planned_overtime_hours=0.0, available_hours=hours
    )
    return {
        "items": items(a="Bread"),
        "production_orders": orders,
        "production_plan_snapshots": plan.assign(quantity=planned, hours=planned),
        "capacity": capacity,
    }


@pytest.mark.case("fires")
@pytest.mark.parametrize("name", ["full", "reduced"])
def test_one_line_rescued_every_month_recurs_and_is_named(tmp_path, name):
    """Twelve per cent of unplanned hours on L1 from July on, none elsewhere."""
    client = engagement(tmp_path, plant({"L1": [0.0] * 6 + [12.0] * 6}))

    evidence = gathered(s05, name, client)
    verdict = judge(s05.SIGN, evidence, client.calendar)

    assert (verdict.status, verdict.leading_unit) == ("recurring", "L1")
    assert evidence.metrics[0].name == "exceptional_hours_share"
    assert evidence.metrics[0].values.tolist() == pytest.approx([0.0] * 6 + [0.12] * 6)
    assert verdict.drivers[0][1] in ("L1", "Bread")


@pytest.mark.case("quiet")
def test_rescues_that_wander_between_lines_stay_below_recurring(tmp_path):
    """A volatile plant: each line needs 8 % in one month of four, never the same line twice running."""
    wander = {line: [8.0 if month % 4 == n else 1.0 for month in range(MONTHS)] for n, line in enumerate(LINES)}
    client = engagement(tmp_path, plant(wander))

    verdict = judge(s05.SIGN, gathered(s05, "full", client), client.calendar)

    assert verdict.status in ("absent", "isolated")
    assert not verdict.recurring_cycles


def test_a_whole_plant_rescued_at_once_is_not_one_hidden_bottleneck(tmp_path):
    """All lines at 12 %: no line stands out and no rate is wrong, so key 2 is not met."""
    client = engagement(tmp_path, plant({line: [12.0] * MONTHS for line in LINES}))

    verdict = judge(s05.SIGN, gathered(s05, "full", client), client.calendar)

    assert verdict.status == "isolated"
    assert verdict.unconfirmed


def test_a_plant_that_is_slower_than_its_rates_recurs_as_a_whole(tmp_path):
    """All lines at 12 % and a fifth slower than planned for months: the rates are the hidden bottleneck."""
    client = engagement(tmp_path, plant({line: [12.0] * MONTHS for line in LINES}, speed=0.8))

    assert judge(s05.SIGN, gathered(s05, "full", client), client.calendar).status == "recurring"


def test_an_overload_that_the_plan_showed_is_not_hidden(tmp_path):
    """Planned at 105 of 100 hours and rescued: the plan said so."""
    client = engagement(tmp_path, plant({"L1": [12.0] * MONTHS}, planned=105.0))

    assert not breached(gathered(s05, "full", client))


@pytest.mark.case("limit")
def test_five_hours_of_a_hundred_breach_and_just_less_does_not(tmp_path):
    """0.05 reaches amber, 0.0499 does not, 0.10 is red."""
    client = engagement(tmp_path, plant({"L1": [5.0, 4.99, 10.0]}))

    flags = gathered(s05, "full", client).flags.query("unit == 'L1'").head(3)

    assert flags["breach"].tolist() == [True, False, True]
    assert flags["severity"].tolist() == pytest.approx([0.5, 0.0, 1.0])


def test_overtime_that_was_planned_is_not_exceptional(tmp_path):
    """Twelve hours worked, ten of them planned: 2 % is left."""
    sent = plant({"L1": [12.0]})
    sent["capacity"] = sent["capacity"].assign(planned_overtime_hours=10.0)

    flags = gathered(s05, "full", engagement(tmp_path, sent)).flags.query("unit == 'L1'")

    assert flags["value"].iloc[0] == pytest.approx(0.02)


@pytest.mark.case("not_assessable")
def test_no_planned_hours_is_not_assessable_rather_than_zero(tmp_path):
    """A capacity of 0 hours has no share."""
    with pytest.raises(NotAssessable):
        s05.gather(engagement(tmp_path, plant({"L1": [12.0]}, hours=0.0)), path_of(s05, "full"))


def test_capacity_alone_opens_no_path(tmp_path):
    """Planned hours without any execution say nothing about hidden."""
    sent = plant({})
    stock = pd.DataFrame({"period": cycles(MONTHS), "item_id": "a", "on_hand": 1.0})
    client = engagement(tmp_path, {"items": sent["items"], "capacity": sent["capacity"], "inventory_snapshots": stock})

    assert not any(client.has(*path.needs) for path in s05.SIGN.paths)


@pytest.mark.case("invariant")
def test_the_order_of_rows_does_not_matter(tmp_path):
    """Shuffled tables give the same evidence."""
    sent = small_plant.tables()
    shuffled = {name: rows.sample(frac=1, random_state=3) for name, rows in sent.items()}

    plain = gathered(s05, "full", engagement(tmp_path / "plain", sent))
    mixed = gathered(s05, "full", engagement(tmp_path / "mixed", shuffled))

    pd.testing.assert_frame_equal(plain.flags, mixed.flags)


@pytest.mark.case("as_of")
def test_a_full_run_says_of_the_past_what_was_said_then(tmp_path):
    """Flags, key 2 and discriminators of three cycles are those of runs as of them."""
    assert_same_as_of(s05.gather, path_of(s05, "full"), opened(tmp_path, small_plant.tables()), DAYS)


@pytest.mark.parametrize("name", ["reduced", "minimum A", "minimum B"])
def test_the_lesser_paths_do_not_look_ahead_either(tmp_path, name):
    """Flags and key 2 of a cycle are those of a run as of it."""
    assert_same_as_of(s05.gather, path_of(s05, name), opened(tmp_path, small_plant.tables()), DAYS[1:2])


def costs(amounts: dict[str, float]) -> pd.DataFrame:
    """The same rescue money every month by resource."""
    rows = each(cycles(MONTHS), tuple(amounts), "period", "resource_id")
    return rows.assign(kind="overtime", amount=rows["resource_id"].map(amounts))


def test_money_alone_finds_the_line_that_costs_more_than_the_others(tmp_path):
    """L1 costs six times the others' rate per planned hour: red; in hours at a rate of 100 it is 6 %."""
    sent = plant({})
    sent = {
        "items": sent["items"],
        "capacity": sent["capacity"],
        "compensation_costs": costs({"L1": 600.0, "L2": 100.0, "L3": 100.0, "L4": 100.0}),
    }
    against_others = engagement(tmp_path / "others", sent)
    with_rate = engagement(tmp_path / "rate", sent, overtime_rate=100.0)

    relative, absolute = (gathered(s05, "minimum A", client) for client in (against_others, with_rate))

    assert (relative.metrics[0].name, absolute.metrics[0].name) == ("rescue_cost_ratio", "exceptional_hours_share")
    assert relative.metrics[0].values.iloc[0] == pytest.approx(6.0)
    assert absolute.metrics[0].values.iloc[0] == pytest.approx(0.06)
    assert judge(s05.SIGN, relative, against_others.calendar).leading_unit == "L1"


def test_lateness_needs_ten_orders_and_twice_the_others(tmp_path):
    """Half of L1's twelve orders finish five days late, none elsewhere; a line of three orders is not judged."""
    rows = [
        (f"{line}-{month:%m}-{n}", line, month + pd.Timedelta(days=n), 5 if line == "L1" and n % 2 else 0)
        for month in cycles(MONTHS)
        for line, count in (("L1", 12), ("L2", 12), ("L3", 3))
        for n in range(count)
    ]
    made = pd.DataFrame(rows, columns=["production_order_id", "resource_id", "planned_start", "late"])
    made["planned_finish"] = made["planned_start"] + pd.Timedelta(days=1)
    made["actual_finish"] = made["planned_finish"] + pd.to_timedelta(made.pop("late"), unit="D")
    client = engagement(
        tmp_path, {"items": items(a="Bread"), "production_orders": made.assign(item_id="a", planned_quantity=1.0)}
    )

    evidence = gathered(s05, "minimum B", client)

    by_line = evidence.flags.groupby("unit")
    assert by_line["value"].first().to_dict() == pytest.approx({"L1": 0.5, "L2": 0.0, "L3": float("nan")}, nan_ok=True)
    assert by_line["breach"].all().to_dict() == {"L1": True, "L2": False, "L3": False}


def test_an_overload_on_demonstrated_capacity_was_knowable(tmp_path):
    """Lines that make 64 standard hours of 100 available and are planned at 80: D5 is 1 once months have shown it."""
    sent = plant({"L1": [12.0] * MONTHS}, speed=0.8)
    sent["production_orders"] = sent["production_orders"].assign(standard_hours=64.0, actual_hours=100.0)

    rows = gathered(s05, "full", engagement(tmp_path, sent)).discriminators

    assert rows.query("name == 'D5'")["value"].tail(3).tolist() == [1.0, 1.0, 1.0]


def test_load_is_drawn_against_what_the_most_rescued_line_has_proved(tmp_path):
    """80 hours planned where 64 are made of 100, six of them in overtime: what lies above is beyond what is proved."""
    sent = plant({"L1": [12.0] * MONTHS}, speed=0.8)
    orders = sent["production_orders"]
    slow = {"standard_hours": 64.0, "actual_hours": 100.0, "overtime_hours": orders["overtime_hours"] / 2}
    sent["production_orders"] = orders.assign(**slow)
    chart = gathered(s05, "full", engagement(tmp_path, sent)).charts[2]
    last = chart.rows[chart.rows["label"] == chart.rows["label"].max()].set_index("part")["hours"]

    assert chart.title == "Load against demonstrated capacity, L1"
    assert last["planned + overtime"] == 100.0
    assert last["demonstrated"] == pytest.approx(64.0 * (1 - 6 / 100))
    assert last["planned load"] + last["beyond proved"] == pytest.approx(80.0)
    assert last["planned load"] == pytest.approx(last["demonstrated"])
