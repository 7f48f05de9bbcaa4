"""How a forecast behaves: bias, size of changes, changes taken back; each number checked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.measures import stability

MONTHS = pd.date_range("2024-01-01", periods=24, freq="MS")


def errors(**by_unit: list[float]) -> pd.DataFrame:
    """Errors at lag 2, one a month."""
    rows = [(unit, MONTHS[n], 2, error) for unit, series in by_unit.items() for n, error in enumerate(series)]
    return pd.DataFrame(rows, columns=["unit", "period", "lag", "error"])


def revised(*snapshots: float) -> pd.DataFrame:
    """One target's snapshots, the last of lag 0, as revisions."""
    path = np.array(snapshots)
    steps = len(path) - 1
    return pd.DataFrame(
        {
            "cycle": MONTHS[1 : steps + 1],
            "unit": "Milk",
            "period": MONTHS[steps],
            "lag": range(steps - 1, -1, -1),
            "revision": np.diff(path),
            "earlier": path[:-1],
        }
    )


def test_the_tracking_signal_of_steady_bias_is_twelve() -> None:
    """Twelve errors of the same size and side: sum 12e over a mean size of e; from the twelfth target on."""
    found = stability.tracking_signal(errors(Milk=[5.0] * 13), lag=2)

    assert found["period"].tolist() == list(MONTHS[11:13])
    assert found["signal"].tolist() == [12.0, 12.0]


def test_biases_of_two_units_do_not_cancel() -> None:
    """One unit 12 too low, one half as far too high: the farther one speaks, with its sign."""
    half = [3.0, 3.0, 3.0, -1.0] * 3
    found = stability.tracking_signal(errors(Milk=[-5.0] * 12, Rice=half), lag=2)

    assert found["signal"].tolist() == [-12.0]


def test_exact_forecasts_have_no_tracking_signal() -> None:
    """Without any error the ratio is missing."""
    assert stability.tracking_signal(errors(Milk=[0.0] * 12), lag=2).empty


def test_the_size_of_a_change_is_symmetric() -> None:
    """From 80 to 120 and back is 40 over 100 both times; nothing to nothing is no change."""
    rows = revised(80.0, 120.0, 80.0).assign(cycle=MONTHS[0])
    nothing = rows.head(1).assign(revision=0.0, earlier=0.0)

    assert stability.change_size(rows).item() == pytest.approx(0.4)
    assert stability.change_size(pd.concat([rows, nothing])).item() == pytest.approx(0.8 / 3)


def test_changes_of_the_forecast_are_scaled_by_those_of_demand() -> None:
    """Demand alternates by 10; changes of 30 and 40 have a root mean square of 35.4, so 3.54."""
    demand = pd.DataFrame({"unit": "Milk", "period": MONTHS[:12], "lag": 0, "actual": [100.0, 110.0] * 6})
    moved = pd.DataFrame({"cycle": MONTHS[[8, 8]], "unit": "Milk", "revision": [30.0, -40.0], "earlier": 100.0})

    assert stability.scaled_change(moved, demand).item() == pytest.approx(np.sqrt(1250) / 10)
    assert np.isnan(stability.scaled_change(moved.assign(cycle=MONTHS[6]), demand).item())


def test_the_flip_flop_index_counts_only_what_is_taken_back() -> None:
    """50, 20, 40, 80: |changes| 90 less the range 60 over two is 15, of a mean of 47.5; a plain rise has none."""
    assert stability.flip_flop_index(revised(50.0, 20.0, 40.0, 80.0)).item() == pytest.approx(15 / 47.5)
    assert stability.flip_flop_index(revised(20.0, 40.0, 50.0, 80.0)).item() == 0.0


def test_two_snapshots_cannot_flip_flop() -> None:
    """One change has nothing before it; a path with a hole is not one either."""
    assert np.isnan(stability.flip_flop_index(revised(50.0, 20.0)).item())
    assert np.isnan(stability.flip_flop_index(revised(50.0, 20.0, 40.0, 80.0).iloc[[0, 2]]).item())


def test_change_by_lag_is_over_the_forecast_before() -> None:
    """Changes of 20 up and 10 down on forecasts of 100 and 50: 30 of 150; a forecast from 0 has no share."""
    rows = pd.concat([revised(100.0, 120.0), revised(50.0, 40.0)]).assign(unit=["Milk", "Rice"])
    nothing = revised(0.0, 5.0).assign(cycle=MONTHS[5])
    found = stability.change_by_lag(pd.concat([rows, nothing]))

    assert found["lag"].tolist() == [0, 0]
    assert found["share"].tolist() == pytest.approx([0.2, float("nan")], nan_ok=True)


def test_the_path_of_a_forecast_leads_from_its_first_number_to_what_came() -> None:
    """Milk 100, 110, 90 and Rice 100, 80, 100 over two lags: raised 10 and cut 20, then raised 20 and cut 20."""
    moved = pd.concat([revised(100.0, 110.0, 90.0), revised(100.0, 80.0, 100.0).assign(unit="Rice")])
    came = pd.DataFrame({"unit": ["Milk", "Rice"], "period": MONTHS[2], "lag": 0, "actual": [80.0, 110.0]})
    path = stability.forecast_path(stability.recent_targets(moved, came, reach=2))

    assert path["step"].tolist() == ["first", 1, 1, 0, 0, "last", "actual"]
    assert path["move"].tolist() == ["level", *["raised", "cut"] * 2, "level", "level"]
    assert path["share"].tolist() == pytest.approx([1.0, 0.05, 0.10, 0.10, 0.10, 0.95, 0.95])


def test_a_path_needs_every_lag_and_what_came() -> None:
    """A target without its far lag, or not yet realised, is left out; without any there is no path."""
    complete, short = revised(100.0, 110.0, 90.0), revised(100.0, 110.0).assign(unit="Rice")
    not_yet = pd.DataFrame({"unit": ["Milk"], "period": MONTHS[9], "lag": 0, "actual": [1.0]})

    followed = stability.recent_targets(pd.concat([complete, short]), None, reach=2)

    assert stability.forecast_path(followed)["share"].iloc[-1] == pytest.approx(0.9)
    assert stability.forecast_path(stability.recent_targets(complete, not_yet, reach=2)).empty


def test_only_the_last_twelve_periods_are_followed() -> None:
    """Fourteen periods, of which the first two were doubled: the path of the last twelve is flat, and says so."""
    rows = [revised(100.0, 200.0 if n < 2 else 100.0).assign(period=MONTHS[n]) for n in range(14)]
    targets = stability.recent_targets(pd.concat(rows), None, reach=1)

    assert stability.forecast_path(targets)["share"].tolist() == [1.0, 0.0, 0.0, 1.0]
    assert stability.periods_said(targets) == "The last 12 periods together"
    assert stability.periods_said(targets.tail(1)) == "The last period"


def test_steps_are_said_in_a_planners_words() -> None:
    """Lags count ahead of the period, 0 is the period itself."""
    assert [stability.said_of(step) for step in ("first", 2, 0, "actual")] == [
        "first forecast",
        "2 ahead",
        "current",
        "what came",
    ]
