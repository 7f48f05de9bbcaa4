"""Plans of functions: gaps, dispersion and carry-over, checked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.measures import plans


def rows(*cells: tuple[int, str, int, float]) -> pd.DataFrame:
    """Plans of family Milk from (cycle number, function, lag, quantity)."""
    months = pd.date_range("2024-01-01", periods=12, freq="MS")
    return pd.DataFrame(
        [(months[c], function, "Milk", months[c + k], quantity, "before", k) for c, function, k, quantity in cells],
        columns=["cycle", "function", "family", "period", "quantity", "version", "lag"],
    )


def test_a_gap_adds_the_three_periods_after_the_fence() -> None:
    """Lags 2 to 4 count: 300 against 240; the swap between lags 3 and 4 cancels, lag 1 is ignored."""
    spoken = rows(
        (0, "sales", 1, 900.0), (0, "sales", 2, 100.0), (0, "sales", 3, 150.0), (0, "sales", 4, 50.0),
        (0, "operations", 1, 1.0), (0, "operations", 2, 80.0), (0, "operations", 3, 40.0), (0, "operations", 4, 120.0),
    )  # fmt: skip

    gap = plans.pair_gaps(spoken, "sales", "operations", "before", fence=2)

    assert gap[["first", "second"]].to_numpy().tolist() == [[300.0, 240.0]]
    assert gap["log_ratio"].item() == pytest.approx(np.log(300 / 240))


def test_the_gap_is_a_share_of_the_consensus_and_missing_at_zero() -> None:
    """|110 − 90| / 100 = 0.20; a consensus of 0 gives a missing gap."""
    spoken = rows((0, "sales", 2, 110.0), (0, "operations", 2, 90.0))
    consensus = spoken[spoken["function"] == "sales"].assign(quantity=100.0)

    found = plans.relative_gaps(spoken, consensus, "sales", "operations", "before", 2)
    nothing = plans.relative_gaps(spoken, consensus.assign(quantity=0.0), "sales", "operations", "before", 2)

    assert found["gap"].item() == pytest.approx(0.20)
    assert nothing["gap"].isna().all()


@pytest.mark.parametrize(("second_cycle", "expected"), [(120.0, 1.0), (100.0, 0.0)], ids=["same again", "settled"])
def test_carry_over_is_one_when_the_gap_comes_back_and_zero_when_it_is_settled(
    second_cycle: float, expected: float
) -> None:
    """The same target seen from two cycles: 120 against 100, then 120 or 100 against 100."""
    spoken = rows(
        (0, "sales", 3, 120.0), (0, "operations", 3, 100.0), (1, "sales", 2, second_cycle), (1, "operations", 2, 100.0)
    )

    found = plans.carry_over(plans.pair_cells(spoken, "sales", "operations", "before"), "month")

    assert found["carry_over"].tolist() == pytest.approx([expected])


def test_carry_over_does_not_step_over_a_missing_cycle() -> None:
    """Cycles 0, 1 and 3: only 0 → 1 is a step; 1 → 3 leaves one out."""
    spoken = rows(
        *[
            (c, function, 5 - c, quantity)
            for c in (0, 1, 3)
            for function, quantity in (("sales", 110.0), ("operations", 100.0))
        ]
    )

    found = plans.carry_over(plans.pair_cells(spoken, "sales", "operations", "before"), "month")

    assert found["cycle"].tolist() == [pd.Timestamp("2024-02-01")]


def test_dispersion_of_two_functions_is_their_log_ratio_over_root_two() -> None:
    """The standard deviation of two logs is |ln ratio| / √2; a function that plans 0 makes it missing."""
    spoken = rows((0, "sales", 2, 120.0), (0, "operations", 2, 100.0))
    silent = rows((0, "sales", 2, 120.0), (0, "operations", 2, 0.0))

    assert plans.dispersion(spoken, "before", 2)["dispersion"].item() == pytest.approx(np.log(1.2) / np.sqrt(2))
    assert plans.dispersion(silent, "before", 2)["dispersion"].isna().all()


def test_every_pair_of_functions_is_stacked() -> None:
    """Three functions make three pairs."""
    spoken = rows((0, "sales", 2, 3.0), (0, "operations", 2, 2.0), (0, "finance", 2, 1.0))

    assert plans.stacked_pairs(spoken, "before")["pair"].tolist() == [
        "finance / operations", "finance / sales", "operations / sales",
    ]  # fmt: skip


def test_the_error_of_the_consensus_uses_horizons_realised_before_the_cycle() -> None:
    """Forecast 110 against 100 in every period: σ = 0.10 once six horizons of three periods are realised."""
    months = pd.date_range("2024-01-01", periods=20, freq="MS")
    consensus = pd.DataFrame(
        [(months[c], "Milk", months[c + k], 110.0, k) for c in range(12) for k in range(5)],
        columns=["cycle", "family", "period", "quantity", "lag"],
    )
    demand = pd.DataFrame({"period": months, "family": "Milk", "quantity": 100.0})

    sigma = plans.consensus_error(consensus, demand, months[:12], 2, "month").set_index("cycle")["sigma"]

    assert sigma.dropna().index[0] == months[10]
    assert sigma.dropna().tolist() == pytest.approx([0.10, 0.10])
