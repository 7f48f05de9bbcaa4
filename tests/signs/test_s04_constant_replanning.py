"""S04: a plan that follows its news is quiet however restless the market; one that moves on its own is not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.errors import NotAssessable
from helpers.judgement.judge import judge
from helpers.signs import s04_constant_replanning as s04
from tests.builders import cycles, engagement, items
from tests.signs import small_plant
from tests.signs.replay import assert_same_as_of
from tests.signs.small_plant import breached, gathered, opened, path_of

HORIZON = 4
DAYS = ("2024-07-01", "2024-10-01", "2025-01-01")


def history(news: float, whim: float, count: int = 18, seed: int = 3) -> dict[str, pd.DataFrame]:
    """Six items whose forecasts learn `news` each cycle and whose plan is lot-for-lot times e^`whim`."""
    random = np.random.default_rng(seed)
    months = cycles(count + HORIZON)
    rows, sold = [], []
    for item in "abcdef":
        demand = np.full(count + HORIZON, 100.0)
        for c in range(count):
            demand[c:] *= np.exp(news * random.standard_normal(len(demand[c:])))
            shown = demand.copy()
            rows += [(months[c], item, months[c + k], shown[c + k]) for k in range(HORIZON)]
        sold += [(months[c], item, demand[c] * np.exp(news * random.standard_normal())) for c in range(count)]
    forecast = pd.DataFrame(rows, columns=["cycle", "item_id", "period", "quantity"])
    noise = np.exp(whim * random.standard_normal(len(forecast)))
    return {
        "items": items(a="Bread", b="Bread", c="Cake", d="Cake", e="Pie", f="Pie"),
        "forecast_snapshots": forecast,
        "production_plan_snapshots": forecast.assign(quantity=forecast["quantity"] * noise, resource_id="L1"),
        "actual_demand": pd.DataFrame(sold, columns=["period", "item_id", "quantity"]),
    }


def still_market(*plans: float) -> dict[str, pd.DataFrame]:
    """One item forecast at 100 and sold at 80; `plans` is what each month, planned at 100 before, was raised to."""
    months = cycles(len(plans) + 1)
    ahead = [(months[c], "a", months[c + k]) for c in range(len(plans)) for k in (0, 1)]
    forecast = pd.DataFrame(ahead, columns=["cycle", "item_id", "period"]).assign(quantity=100.0)
    plan = forecast.assign(resource_id="L1")
    plan.loc[plan["cycle"] == plan["period"], "quantity"] = list(plans)
    sold = pd.DataFrame({"period": months[: len(plans)], "item_id": "a", "quantity": 80.0})
    return {
        "items": items(a="Bread"),
        "forecast_snapshots": forecast,
        "production_plan_snapshots": plan,
        "actual_demand": sold,
    }


def shop(crossed: int, weeks: int = 40, orders: int = 6) -> dict[str, pd.DataFrame]:
    """Weeks of `orders` orders on two lines, the first `crossed` of each week executed in reverse order."""
    rows = []
    for line in ("L1", "L2"):
        for week in range(weeks):
            monday = pd.Timestamp("2024-01-01") + pd.Timedelta(weeks=week)
            done = [*reversed(range(crossed)), *range(crossed, orders)]
            rows += [
                (
                    f"{line}-{week}-{n}",
                    line,
                    "a",
                    monday,
                    monday + pd.Timedelta(days=1),
                    10 * week + n,
                    10 * week + done[n],
                )
                for n in range(orders)
            ]
    columns = ["production_order_id", "resource_id", "item_id", "planned_start", "actual_finish"]
    made = pd.DataFrame(rows, columns=[*columns, "planned_sequence", "actual_sequence"])
    made["planned_quantity"] = 10.0
    return {"items": items(a="Bread"), "production_orders": made}


@pytest.mark.case("fires")
def test_a_plan_redrawn_every_cycle_in_a_calm_market_recurs(tmp_path):
    """Plan noise of a quarter on top of 5 % news is amplification far above 2."""
    client = engagement(tmp_path, history(news=0.05, whim=0.25))

    evidence = gathered(s04, "minimum A", client)

    assert judge(s04.SIGN, evidence, client.calendar).status == "recurring"
    assert evidence.metrics[0].values.dropna().min() > 2


@pytest.mark.case("quiet")
@pytest.mark.parametrize("news", [0.05, 0.30], ids=["calm", "volatile"])
def test_a_plan_that_follows_its_forecast_stays_absent_however_volatile_the_market(tmp_path, news):
    """A lot-for-lot plan moves no more than its news."""
    client = engagement(tmp_path, history(news=news, whim=0.0))

    evidence = gathered(s04, "minimum A", client)

    assert judge(s04.SIGN, evidence, client.calendar).status == "absent"
    assert evidence.metrics[0].values.max() <= 1


@pytest.mark.case("limit")
def test_amplification_that_reaches_amber_breaches_and_just_below_does_not(tmp_path):
    """Surprise of 20 units a month: 24 units moved are 1.2, 23 are 1.15; 50 are red."""
    client = engagement(tmp_path, still_market(100, 124, 123, 150))

    flags = gathered(s04, "minimum A", client).flags

    assert flags["value"].tolist() == pytest.approx([1.2, 1.15, 2.5])
    assert flags["breach"].tolist() == [True, False, True]
    assert flags["severity"].tolist() == pytest.approx([0.5, 0.0, 1.0])


def test_lots_count_as_news(tmp_path):
    """A surprise of 20 and half a lot of 26: 30 units moved no longer breach."""
    sent = still_market(100, 130, 100)
    sent["items"] = sent["items"].assign(lot_size=26.0)
    flags = gathered(s04, "minimum A", engagement(tmp_path, sent)).flags

    assert flags["value"].iloc[0] == pytest.approx(30 / 33)
    assert not flags["breach"].any()


def test_one_line_of_four_is_found_and_named(tmp_path):
    """Only what L2 makes is replanned at will: the client is not averaged, L2 recurs and leads."""
    sent = history(news=0.05, whim=0.0)
    plan = sent["production_plan_snapshots"]
    routes = dict(zip("abcdef", ["L1", "L1", "L2", "L3", "L4", "L4"], strict=True))
    plan["resource_id"] = plan["item_id"].map(routes)
    wild = plan["resource_id"] == "L2"
    plan.loc[wild, "quantity"] *= np.exp(0.4 * np.random.default_rng(5).standard_normal(wild.sum()))
    client = engagement(tmp_path, sent)

    verdict = judge(s04.SIGN, gathered(s04, "minimum A", client), client.calendar)

    assert (verdict.status, verdict.leading_unit) == ("recurring", "L2")
    assert verdict.drivers[0] == ("resource", "L2", 1.0)


@pytest.mark.case("not_assessable")
def test_one_snapshot_compares_with_nothing(tmp_path):
    """A single published plan says nothing about change."""
    with pytest.raises(NotAssessable):
        s04.gather(engagement(tmp_path, still_market(100)), path_of(s04, "minimum A"))


def test_a_plan_of_zeros_is_not_assessable_rather_than_quiet(tmp_path):
    """No planned volume and no news: the ratio has no denominator."""
    sent = still_market(100, 100, 100)
    for name in ("forecast_snapshots", "production_plan_snapshots", "actual_demand"):
        sent[name] = sent[name].assign(quantity=0.0)

    with pytest.raises(NotAssessable):
        s04.gather(engagement(tmp_path, sent), path_of(s04, "minimum A"))


def test_without_plan_or_orders_no_path_is_open(tmp_path):
    """Forecast and demand alone do not reach any path of the sign."""
    sent = {name: rows for name, rows in still_market(100, 100).items() if name != "production_plan_snapshots"}
    client = engagement(tmp_path, sent)

    assert not any(client.has(*path.needs) for path in s04.SIGN.paths)


@pytest.mark.case("invariant")
def test_the_unit_of_quantities_does_not_matter(tmp_path):
    """Counting in pieces instead of thousands changes no value."""
    sent = history(news=0.1, whim=0.1)
    scaled = {n: t.assign(quantity=t["quantity"] * 1000) if "quantity" in t else t for n, t in sent.items()}

    plain = gathered(s04, "minimum A", engagement(tmp_path / "plain", sent))
    large = gathered(s04, "minimum A", engagement(tmp_path / "large", scaled))

    pd.testing.assert_frame_equal(plain.flags, large.flags)


@pytest.mark.case("as_of")
def test_a_full_run_says_of_the_past_what_was_said_then(tmp_path):
    """Flags and key 2 of three cycles are those of runs as of them, on the path that measures most."""
    assert_same_as_of(s04.gather, path_of(s04, "full"), opened(tmp_path, small_plant.tables()), DAYS)


@pytest.mark.parametrize("name", ["minimum A without demand", "minimum B", "minimum C", "minimum D"])
def test_the_lesser_paths_do_not_look_ahead_either(tmp_path, name):
    """Flags and key 2 of a cycle are those of a run as of it."""
    assert_same_as_of(s04.gather, path_of(s04, name), opened(tmp_path, small_plant.tables()), DAYS[1:2])


@pytest.mark.parametrize("late", ["shop floor", "plan"])
def test_evidence_that_starts_half_way_changes_nothing_said_before(tmp_path, late):
    """Changes of the schedule, or plan and forecast, sent from September on: July is judged as a run of July did."""
    sent = {**shop(crossed=6), **history(news=0.1, whim=0.3)}
    orders = sent["production_orders"]
    sent["schedule_changes"] = orders[["resource_id", "production_order_id"]].assign(
        changed_on=orders["planned_start"], change_type="sequence"
    )
    starts = {"shop floor": {"schedule_changes": "changed_on", "production_orders": "planned_start"}}
    starts["plan"] = dict.fromkeys(("forecast_snapshots", "production_plan_snapshots"), "cycle")
    for name, day in starts[late].items():
        sent[name] = sent[name][sent[name][day] >= "2024-09-01"]
    path, open_at = path_of(s04, {"shop floor": "minimum A", "plan": "reduced B"}[late]), opened(tmp_path, sent)

    assert_same_as_of(s04.gather, path, open_at, ["2024-07-01", "2024-11-01"])
    (whole, now), (part, then) = ((s04.gather(e, path), e.calendar) for e in (open_at(None), open_at("2024-08-01")))
    expected = judge(s04.SIGN, whole, now).states[: len(then.cycles)]
    assert [state.status for state in judge(s04.SIGN, part, then).states] == [state.status for state in expected]


def test_a_sequence_kept_scores_zero_and_stays_absent(tmp_path):
    """Nothing crossed, nothing lost: SCI 0 on every line."""
    client = engagement(tmp_path, shop(crossed=0))

    evidence = gathered(s04, "reduced B", client)

    assert evidence.metrics[0].values.max() == 0
    assert judge(s04.SIGN, evidence, client.calendar).status == "absent"


def test_a_week_executed_backwards_recurs(tmp_path):
    """All fifteen pairs of six orders crossed: SCI 1; two of fifteen crossed, from one swap, stay below 0.2."""
    client = engagement(tmp_path / "all", shop(crossed=6))
    calm = engagement(tmp_path / "one", shop(crossed=2))

    assert gathered(s04, "reduced B", client).metrics[0].values.dropna().eq(1.0).all()
    assert judge(s04.SIGN, gathered(s04, "reduced B", client), client.calendar).status == "recurring"
    assert gathered(s04, "reduced B", calm).metrics[0].values.dropna().to_numpy() == pytest.approx(1 / 15)
    assert not breached(gathered(s04, "reduced B", calm))


def test_changes_covered_by_a_decision_are_not_unruled(tmp_path):
    """The same frozen changes with a decision of each cycle and family give an unruled share of 0 and D3 of 0."""
    sent = small_plant.tables()
    free = gathered(s04, "full", engagement(tmp_path / "free", sent))
    sent["decisions"] = sent["decisions"].assign(decided_on=sent["decisions"]["cycle"] + pd.Timedelta(days=3))
    ruled = gathered(s04, "full", engagement(tmp_path / "ruled", sent))

    assert free.metrics[1].name == "unruled_frozen_changes"
    assert free.metrics[1].values.max() > 0
    assert ruled.metrics[1].values.max() == 0
    assert ruled.discriminators.query("name == 'D3'")["value"].max() == 0


def test_where_only_the_floor_breached_the_changes_without_a_reason_tell_the_cause(tmp_path):
    """Every order of a week moved, a quarter of the moves with a reason: D3 is three quarters."""
    sent = shop(crossed=6)
    orders = sent["production_orders"]
    sent["schedule_changes"] = pd.DataFrame(
        {
            "changed_on": orders["planned_start"],
            "resource_id": orders["resource_id"],
            "production_order_id": orders["production_order_id"],
            "change_type": "sequence",
            "reason_code": pd.Series(["material", None, None, None] * (len(orders) // 4), dtype="string"),
        }
    )

    told = gathered(s04, "reduced B", engagement(tmp_path, sent)).discriminators

    assert set(told["name"]) == {"D3"}
    assert told["value"].mean() == pytest.approx(0.75, abs=0.02)


def test_schedule_changes_count_once_per_order_and_day(tmp_path):
    """Three changes to one order of 25 on one day, a cancellation and a campaign: one change."""
    sent = shop(crossed=0, weeks=9, orders=5)
    order = sent["production_orders"]["production_order_id"].iloc[0]
    sent["schedule_changes"] = pd.DataFrame(
        {
            "changed_on": ["2024-01-02"] * 5,
            "resource_id": "L1",
            "production_order_id": [order, order, order, "x", "y"],
            "change_type": ["sequence", "insert", "date", "cancel", "sequence"],
            "reason_code": [None, None, None, None, "Campaign switch"],
        }
    ).astype({"changed_on": "datetime64[us]"})

    evidence = gathered(s04, "minimum C", engagement(tmp_path, sent))

    january = evidence.metrics[0].values.iloc[0]
    assert january == pytest.approx(1 / 25)
    assert evidence.contributions.empty


def test_drivers_name_the_family_that_moved_beyond_its_news(tmp_path):
    """Only Bread is replanned at will: it carries the excess."""
    sent = history(news=0.05, whim=0.0)
    plan = sent["production_plan_snapshots"]
    wild = plan["item_id"].isin(["a", "b"])
    plan.loc[wild, "quantity"] *= np.exp(0.8 * np.random.default_rng(5).standard_normal(wild.sum()))

    rows = gathered(s04, "minimum A", engagement(tmp_path, sent)).contributions

    by_family = rows[rows["dimension"] == "family"].groupby("value")["amount"].sum()
    assert by_family["Bread"] / by_family.sum() > 0.9


def test_a_slow_queue_that_keeps_its_order_is_not_replanning(tmp_path):
    """Every order starts three weeks late, in the planned order: nothing was overtaken, SCI stays 0."""
    sent = shop(crossed=0)
    late = sent["production_orders"].assign(
        actual_start=lambda o: o["planned_start"] + pd.Timedelta(days=21),
        actual_finish=lambda o: o["planned_start"] + pd.Timedelta(days=22),
    )
    sent["production_orders"] = late

    assert gathered(s04, "reduced B", engagement(tmp_path, sent)).metrics[0].values.max() == 0
