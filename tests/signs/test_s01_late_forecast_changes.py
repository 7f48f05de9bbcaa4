"""S01: late changes are judged against the news the client's own forecasts learn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.errors import NotAssessable
from helpers.signs import s01_late_forecast_changes as s01
from tests import builders
from tests.signs.demand_cases import assert_known_then, company, market, measured, products, realised

REDUCED, FULL, LONE, LOG = (
    "snapshots and actuals",
    "snapshots, actuals and codes",
    "snapshots only",
    "change log only",
)


def coded(snapshots: pd.DataFrame, share: float) -> pd.DataFrame:
    """Snapshots of which `share` of the rows, evenly spread, carry a rule."""
    rule = np.where(np.arange(len(snapshots)) % 10 < 10 * share, "DR-01", None)
    return snapshots.assign(rule_id=pd.Series(rule, index=snapshots.index, dtype=object))


@pytest.mark.case("fires")
def test_noise_inside_the_fence_recurs(tmp_path: Path) -> None:
    """Changes of 15 % a month inside the fence, without news, from cycle 12 on: recurring, but not before."""
    quiet = market()
    noisy = market(noise=0.15)
    evidence, verdict = measured(
        s01, company(tmp_path, forecast_snapshots=noisy, actual_demand=realised(quiet)), REDUCED
    )

    assert verdict.status == "recurring"
    assert verdict.first_warning is not None
    assert verdict.first_warning > builders.cycles(13)[-1]
    assert evidence.metrics[0].name == "revision_excess"


@pytest.mark.case("quiet")
@pytest.mark.parametrize("steps", [0.03, 0.30], ids=["calm", "volatile"])
def test_a_volatile_market_that_only_learns_stays_clear(tmp_path: Path, steps: float) -> None:
    """Large late revisions that carry as much news as they move are no breach pattern, whatever the volatility."""
    snapshots = market(steps=steps)
    _, verdict = measured(
        s01, company(tmp_path, forecast_snapshots=snapshots, actual_demand=realised(snapshots, steps)), REDUCED
    )

    assert verdict.status in ("absent", "isolated")
    assert len(verdict.breached) <= 2


@pytest.mark.case("limit")
def test_reaching_the_limit_counts_and_just_below_does_not(tmp_path: Path) -> None:
    """With the amber limit exactly at the highest value that label breaches; just above it does not."""
    snapshots = market()
    tables = {"items": products(), "forecast_snapshots": snapshots, "actual_demand": realised(snapshots)}
    free, _ = measured(s01, builders.engagement(tmp_path / "a", tables), REDUCED)
    peak, label = free.metrics[0].values.max(), free.metrics[0].values.idxmax()
    at, above = (
        builders.engagement(
            tmp_path / name,
            tables,
            limits={
                "s01.revision_excess": {"amber": amber, "red": amber + 9},
                "s01.revision_excess_worst": {"amber": 90, "red": 99},
            },
        )
        for name, amber in (("b", peak), ("c", peak * (1 + 1e-9)))
    )

    assert measured(s01, at, REDUCED)[0].flags.set_index("label").loc[label, "breach"]
    assert not measured(s01, above, REDUCED)[0].flags.set_index("label").loc[label, "breach"]


@pytest.mark.case("not_assessable")
def test_targets_seen_once_cannot_be_revised(tmp_path: Path) -> None:
    """Snapshots that hold the current month only are not assessable and ask for the history of cycles."""
    once = market().query("cycle == period")
    engagement = company(tmp_path, forecast_snapshots=once, actual_demand=realised(market()))

    with pytest.raises(NotAssessable) as gap:
        measured(s01, engagement, REDUCED)
    assert gap.value.missing == ("forecast_snapshots.cycle",)


def test_eight_snapshots_are_too_few(tmp_path: Path) -> None:
    """Eight realised targets are known at the ninth snapshot and not before."""
    short = market(cycles=8)
    engagement = company(tmp_path, forecast_snapshots=short, actual_demand=realised(short))

    with pytest.raises(NotAssessable):
        measured(s01, engagement, REDUCED)


def test_a_forecast_without_error_is_not_assessable_rather_than_clear(tmp_path: Path) -> None:
    """With a last forecast that always hits, the yardstick is 0 and nothing can be said."""
    snapshots = market()
    exact = snapshots.query("cycle == period")[["period", "item_id", "quantity"]]
    engagement = company(tmp_path, forecast_snapshots=snapshots, actual_demand=exact)

    with pytest.raises(NotAssessable):
        measured(s01, engagement, REDUCED)


@pytest.mark.case("invariant")
def test_scale_and_row_order_change_nothing(tmp_path: Path) -> None:
    """Units a thousand times smaller and rows in any order give the same values."""
    snapshots = market(noise=0.1)
    actuals = realised(market())
    plain, _ = measured(s01, company(tmp_path / "a", forecast_snapshots=snapshots, actual_demand=actuals), REDUCED)
    shuffled = snapshots.sample(frac=1.0, random_state=3).assign(quantity=lambda s: s["quantity"] * 1000)
    larger = actuals.assign(quantity=actuals["quantity"] * 1000)
    scaled, _ = measured(s01, company(tmp_path / "b", forecast_snapshots=shuffled, actual_demand=larger), REDUCED)

    np.testing.assert_allclose(plain.flags["value"], scaled.flags["value"], rtol=1e-6)


@pytest.mark.case("as_of")
@pytest.mark.parametrize(
    ("path", "days"), [(FULL, ["2025-03-01", "2025-07-01", "2025-12-01"]), (LONE, ["2025-07-01"])], ids=["full", "lone"]
)
def test_a_run_as_of_a_cycle_sees_what_the_full_run_saw_then(tmp_path: Path, path: str, days: list[str]) -> None:
    """Flags and tests known on a date do not change when more data arrive."""
    tables = {"forecast_snapshots": coded(market(noise=0.1), 0.4), "actual_demand": realised(market())}
    full, _ = measured(s01, company(tmp_path / "full", **tables), path)

    for day in days:
        then, _ = measured(s01, company(tmp_path / day, as_of=day, **tables), path)
        assert_known_then(full, then, pd.Timestamp(day))


def test_changes_covered_by_rules_are_decisions(tmp_path: Path) -> None:
    """The same noise with a rule on every change is no breach; with rules on one change in ten it is."""
    noisy, actuals = market(noise=0.15), realised(market())
    covered, _ = measured(
        s01, company(tmp_path / "a", forecast_snapshots=coded(noisy, 1.0), actual_demand=actuals), FULL
    )
    bare, verdict = measured(
        s01, company(tmp_path / "b", forecast_snapshots=coded(noisy, 0.1), actual_demand=actuals), FULL
    )

    assert covered.flags["breach"].sum() == 0
    assert bare.flags["breach"].sum() > 6
    assert verdict.status == "recurring"


def test_a_reason_allows_nothing(tmp_path: Path) -> None:
    """A reason says why a number was changed, not who allowed it: with nothing else kept, nothing is covered."""
    reasoned = market(noise=0.15).assign(reason_code="promotion")
    sent = company(tmp_path, forecast_snapshots=reasoned, actual_demand=realised(market()))
    _, verdict = measured(s01, sent, REDUCED)

    assert sent.missing(s01.CODES) == ("forecast_snapshots.rule_id",)
    assert verdict.status == "recurring"


def test_hardly_kept_codes_say_nothing(tmp_path: Path) -> None:
    """Below 10 % of change coded the share without cover is missing, not 1."""
    sparse = coded(market(noise=0.15), 0.0).assign(rule_id=lambda s: s["rule_id"].mask(s.index == s.index[-1], "DR-01"))
    evidence, _ = measured(s01, company(tmp_path, forecast_snapshots=sparse, actual_demand=realised(market())), FULL)
    uncovered = next(metric for metric in evidence.metrics if metric.name == "uncovered_share")

    assert uncovered.values.isna().all()


def test_a_log_without_snapshots_may_only_raise(tmp_path: Path) -> None:
    """Uncovered late changes in the log make the sign recur; covered ones leave it not assessable."""
    months = builders.cycles(24)
    log = pd.DataFrame(
        {
            "changed_on": months + pd.Timedelta(days=9),
            "item_id": "item_milk",
            "period": months + pd.offsets.MonthBegin(1),
            "old_quantity": 100.0,
            "new_quantity": 130.0,
            "function": "sales",
            "rule_id": [None if c % 5 else "DR-01" for c in range(24)],
        }
    )
    raised = measured(s01, company(tmp_path / "a", forecast_changes=log), LOG)[1]
    cleared = measured(s01, company(tmp_path / "b", forecast_changes=log.assign(rule_id="DR-01")), LOG)[1]

    assert raised.status == "recurring"
    assert cleared.status == "not_assessable"


def test_the_path_without_actuals_never_clears(tmp_path: Path) -> None:
    """Snapshots alone leave a healthy client not assessable."""
    _, verdict = measured(s01, company(tmp_path, forecast_snapshots=market()), LONE)

    assert verdict.status == "not_assessable"


def test_one_family_that_nobody_allowed_is_found_before_actuals_can_tell(tmp_path: Path) -> None:
    """Of six families one rewrites a tenth inside the fence from cycle 4 on, uncovered: recurring by cycle 9."""
    calm, noisy = (market(noise=noise, since=4) for noise in (0.0, 0.15))
    milk = calm["item_id"] == "item_milk"
    rule = pd.Series(np.where(milk & (calm["cycle"] >= "2024-05-01"), None, "DR-01"), dtype=object)
    snapshots = calm.where(~milk, noisy).assign(rule_id=rule)
    _, verdict = measured(s01, company(tmp_path, forecast_snapshots=snapshots, actual_demand=realised(calm)), FULL)

    assert verdict.first_warning is not None
    assert verdict.first_warning <= pd.Timestamp("2024-10-01")
    assert next(value for dimension, value, _ in verdict.drivers if dimension == "family") == "Milk"


def test_a_tiny_family_does_not_raise_the_sign(tmp_path: Path) -> None:
    """The same family at a hundredth of its volume holds less than a fiftieth of demand: no breach at all."""
    calm, noisy = (market(noise=noise, since=4) for noise in (0.0, 0.15))
    milk = calm["item_id"] == "item_milk"
    rule = pd.Series(np.where(milk & (calm["cycle"] >= "2024-05-01"), None, "DR-01"), dtype=object)
    snapshots, actuals = calm.where(~milk, noisy).assign(rule_id=rule), realised(calm)
    for table in (snapshots, actuals):
        table.loc[table["item_id"] == "item_milk", "quantity"] /= 100
    evidence, _ = measured(s01, company(tmp_path, forecast_snapshots=snapshots, actual_demand=actuals), FULL)

    assert evidence.flags["breach"].sum() == 0


def held_back(rule: float) -> pd.DataFrame:
    """A consensus that stays at its first number until the fence, then takes over the statistical forecast."""
    statistical = market()
    first = statistical.groupby(["item_id", "period"])["quantity"].transform("first")
    near = statistical["period"] < statistical["cycle"] + pd.DateOffset(months=2)
    consensus = statistical.assign(quantity=statistical["quantity"].where(near, first))
    stages = [coded(consensus, rule).assign(stage="consensus"), statistical.assign(stage="statistical")]
    return pd.concat(stages, ignore_index=True)


def test_news_held_back_until_the_fence_is_late_beside_a_statistical_forecast(tmp_path: Path) -> None:
    """All movement inside the fence against two of four lags: half of it is late, beyond the limit of 15 %.

    Without a statistical forecast the same is only described: the test cannot tell.
    """
    snapshots, actuals = held_back(0.5), realised(market())
    both, _ = measured(s01, company(tmp_path / "a", forecast_snapshots=snapshots, actual_demand=actuals), FULL)
    alone = snapshots[snapshots["stage"] == "consensus"]
    one, _ = measured(s01, company(tmp_path / "b", forecast_snapshots=alone, actual_demand=actuals), FULL)
    late = [next(metric for metric in e.metrics if metric.name == "lateness").values.iloc[-1] for e in (both, one)]
    met = [e.confirmations.query("name == 'lateness'")["met"].iloc[-1] for e in (both, one)]

    assert late == pytest.approx([0.5, 0.5], abs=0.1)
    assert met[0] is True
    assert met[1] is None


def test_what_describes_the_forecast_has_no_limit(tmp_path: Path) -> None:
    """Bias, stability, value added and lateness are shown, and judge nothing by themselves."""
    tables = {"forecast_snapshots": held_back(1.0), "actual_demand": realised(market())}
    evidence, _ = measured(s01, company(tmp_path, **tables), FULL)
    described = {metric.name: metric for metric in evidence.metrics if metric.limit is None}

    assert set(described) == {name for name, *_ in s01.DESCRIBED} | {"lateness"}
    assert all(metric.values.notna().any() for metric in described.values())
    assert described["override_value_added"].values.dropna().abs().max() == pytest.approx(0.0)


def test_the_way_of_the_forecast_and_its_changes_by_lag_are_drawn(tmp_path: Path) -> None:
    """Noise inside the fence of two is in the rows above the line, the way leads from 100 % to what came."""
    tables = {"forecast_snapshots": market(noise=0.15), "actual_demand": realised(market())}
    evidence, _ = measured(s01, company(tmp_path / "a", **tables), REDUCED)
    lone, _ = measured(s01, company(tmp_path / "b", forecast_snapshots=market(noise=0.15)), LONE)
    way, lags = evidence.charts[2].rows, evidence.charts[3].rows
    means = lags[lags["cycle"] >= builders.cycles(14)[-1]].groupby("lag")["share"].mean()

    assert way["step"].iloc[[0, -2, -1]].tolist() == ["first forecast", "last forecast", "what came"]
    assert way["share"].iloc[0] == 1.0
    assert lone.charts[2].rows["step"].iloc[-1] == "last forecast"
    assert [evidence.charts[2].title, lone.charts[2].title] == [
        "From the first forecast to what came",
        "From the first forecast to the last",
    ]
    assert evidence.charts[3].look.fence == ("current", "1 ahead")
    assert list(dict.fromkeys(lags["lag"])) == ["current", "1 ahead", "2 ahead", "3 ahead"]
    assert means[["current", "1 ahead"]].min() > 2 * means[["2 ahead", "3 ahead"]].max()
