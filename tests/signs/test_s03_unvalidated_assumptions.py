"""S03: an assumption counts when reality contradicts it for cycles and nobody checked or corrected it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.errors import NotAssessable
from helpers.signs import s03_unvalidated_assumptions as s03
from tests import builders
from tests.signs.demand_cases import assert_known_then, company, measured

CYCLES = 20
VALIDATED, REGISTER, REALISED, LEAD_TIMES, HOURS, QUOTED = (
    "register with validations",
    "register",
    "register and realised values",
    "lead times",
    "hours and rates",
    "quoted lead times",
)
NAMES = ("A-1", "A-2", "A-3", "A-4")


def register(**more: object) -> pd.DataFrame:
    """Four suppliers' lead times of 30 days, set before the first cycle."""
    return pd.DataFrame(
        {"assumption_id": NAMES, "area": "supplier", "planned_value": 30.0, "set_on": "2023-12-15"}
    ).assign(**more)


def actuals(ratio: float, spread: float = 0.02, wrong: tuple[str, ...] = ("A-1", "A-2"), seed: int = 3) -> pd.DataFrame:
    """Realised values: `ratio` × 30 days for the wrong ones, 30 days for the others, with `spread` around both."""
    random = np.random.default_rng(seed)
    rows = [
        (name, month, 30.0 * (ratio if name in wrong else 1.0) * np.exp(spread * random.standard_normal()))
        for month in builders.cycles(CYCLES)
        for name in NAMES
    ]
    return pd.DataFrame(rows, columns=["assumption_id", "period", "actual_value"])


def checks(every: int) -> pd.DataFrame:
    """Every assumption checked on the third day of each `every`-th month."""
    days = builders.cycles(CYCLES)[::every] + pd.Timedelta(days=2)
    return pd.DataFrame([(name, day) for day in days for name in NAMES], columns=["assumption_id", "validated_on"])


def receipts(ratio: float, planned: float = 20.0, seed: int = 4, **more: object) -> pd.DataFrame:
    """Six receipts a month from each of four suppliers; two of them take `ratio` × the planned days."""
    random = np.random.default_rng(seed)
    rows = []
    for month in builders.cycles(CYCLES):
        for supplier in ("S1", "S2", "S3", "S4"):
            for n in range(6):
                days = planned * (ratio if supplier in ("S1", "S2") else 1.0) * np.exp(0.05 * random.standard_normal())
                ordered = month + pd.Timedelta(days=int(n))
                rows.append((f"{month:%y%m}{supplier}{n}", supplier, ordered, ordered + pd.Timedelta(days=round(days))))
    lines = pd.DataFrame(rows, columns=["purchase_order_id", "supplier_id", "ordered_on", "received_on"])
    due = lines["ordered_on"] + pd.Timedelta(days=planned)
    return lines.assign(item_id="item_milk", due_on=due, ordered_quantity=10.0, planned_lead_time_days=planned, **more)


@pytest.mark.case("fires")
def test_lead_times_wrong_by_a_quarter_and_never_checked_recur(tmp_path: Path) -> None:
    """Two of four assumptions 25 % off and unchecked for more than six cycles: recurring, half of the weight."""
    tables = {"assumptions": register(), "assumption_actuals": actuals(1.25), "assumption_validations": checks(99)}
    evidence, verdict = measured(s03, company(tmp_path, **tables), VALIDATED)

    assert verdict.status == "recurring"
    assert evidence.metrics[0].values.iloc[-1] == pytest.approx(0.5)
    assert {driver[1] for driver in verdict.drivers if driver[0] == "assumption"} == {"A-1", "A-2"}


@pytest.mark.parametrize(
    ("path", "extra"), [(REGISTER, {}), (LEAD_TIMES, {}), (HOURS, {})], ids=["register", "orders", "hours"]
)
def test_weaker_paths_find_the_same_contradiction(tmp_path: Path, path: str, extra: dict[str, object]) -> None:
    """A parameter 30 % off is found from register, receipts or hours alone when nobody corrected it."""
    months = builders.cycles(CYCLES)
    hours = pd.DataFrame(
        [(f"R{r}", month, 100.0, 70.0 if r < 2 else 100.0) for month in months for r in range(4)],
        columns=["resource_id", "period", "planned_hours", "available_hours"],
    )
    tables = {
        REGISTER: {"assumptions": register(), "assumption_actuals": actuals(1.3)},
        LEAD_TIMES: {"purchase_orders": receipts(1.3)},
        HOURS: {"capacity": hours},
    }[path]
    _, verdict = measured(s03, company(tmp_path, **tables), path)

    assert verdict.status == "recurring"


@pytest.mark.case("quiet")
def test_wide_swings_around_a_true_value_stay_clear(tmp_path: Path) -> None:
    """Realised values that swing by 20 % around the planned one are variability, checked or not."""
    tables = {
        "assumptions": register(),
        "assumption_actuals": actuals(1.0, spread=0.2),
        "assumption_validations": checks(99),
    }
    _, verdict = measured(s03, company(tmp_path, **tables), VALIDATED)

    assert verdict.status == "absent"


def test_a_wrong_assumption_that_is_checked_every_quarter_is_known(tmp_path: Path) -> None:
    """The same 25 % with a check every three months is no breach: somebody looks."""
    tables = {"assumptions": register(), "assumption_actuals": actuals(1.25), "assumption_validations": checks(3)}
    _, verdict = measured(s03, company(tmp_path, **tables), VALIDATED)

    assert verdict.status == "absent"


def test_better_than_planned_is_padding_and_no_breach(tmp_path: Path) -> None:
    """Suppliers that deliver in two thirds of the planned time never count."""
    tables = {"assumptions": register(), "assumption_actuals": actuals(0.66), "assumption_validations": checks(99)}
    _, verdict = measured(s03, company(tmp_path, **tables), VALIDATED)

    assert verdict.status == "absent"


def test_lines_bought_early_do_not_make_a_lead_time_wrong(tmp_path: Path) -> None:
    """Half of the lines placed 60 % early arrive late by design: the quartile, or the need date, keeps them apart."""
    lines = receipts(1.0)
    early = lines.index % 2 == 0
    slow = lines["received_on"] + pd.to_timedelta(np.where(early, 12, 0), unit="D")
    needed = lines["ordered_on"] + pd.to_timedelta(np.where(early, 32, 20), unit="D")
    blind = measured(s03, company(tmp_path / "a", purchase_orders=lines.assign(received_on=slow)), LEAD_TIMES)[1]
    dated = lines.assign(received_on=slow, needed_on=needed)
    seeing = measured(s03, company(tmp_path / "b", purchase_orders=dated), LEAD_TIMES)[1]

    assert blind.status == "absent"
    assert seeing.status == "absent"


def test_quoted_lead_times_may_only_raise(tmp_path: Path) -> None:
    """Agreed dates that keep to the planned lead time leave the sign not assessable."""
    orders = receipts(1.0).drop(columns="received_on")
    _, verdict = measured(s03, company(tmp_path, purchase_orders=orders), QUOTED)

    assert verdict.status == "not_assessable"


@pytest.mark.case("limit")
@pytest.mark.parametrize(("ratio", "expected"), [(1.10, True), (1.0999, False)], ids=["at", "below"])
def test_a_mean_gap_of_exactly_a_tenth_is_wrong(tmp_path: Path, ratio: float, expected: bool) -> None:
    """A steady 10 % above plan counts, 9.99 % does not."""
    tables = {
        "assumptions": register(planned_value=1.0),
        "assumption_actuals": actuals(1.0, 0.0).assign(
            actual_value=lambda a: np.where(a["assumption_id"] < "A-3", ratio, 1.0)
        ),
        "assumption_validations": checks(99),
    }
    evidence, _ = measured(s03, company(tmp_path, **tables), VALIDATED)

    assert bool(evidence.flags["breach"].iloc[-1]) is expected


@pytest.mark.case("not_assessable")
def test_five_cycles_are_too_few(tmp_path: Path) -> None:
    """An assumption needs six cycles of realised values."""
    short = actuals(1.5).query("period < '2024-06-01'")
    with pytest.raises(NotAssessable) as gap:
        measured(s03, company(tmp_path, assumptions=register(), assumption_actuals=short), REGISTER)

    assert gap.value.missing == ("assumption_actuals.actual_value",)


def test_a_planned_value_of_zero_is_missing_rather_than_clear(tmp_path: Path) -> None:
    """Nothing can be set against a planned value of 0."""
    tables = {"assumptions": register(planned_value=0.0), "assumption_actuals": actuals(1.5)}
    with pytest.raises(NotAssessable):
        measured(s03, company(tmp_path, **tables), REGISTER)


@pytest.mark.case("invariant")
def test_units_and_row_order_change_nothing(tmp_path: Path) -> None:
    """Hours instead of days and rows in any order give the same values."""
    plain, _ = measured(s03, company(tmp_path / "a", assumptions=register(), assumption_actuals=actuals(1.2)), REGISTER)
    hours = actuals(1.2).sample(frac=1.0, random_state=1).assign(actual_value=lambda a: a["actual_value"] * 24)
    tables = {"assumptions": register(planned_value=720.0), "assumption_actuals": hours}
    scaled, _ = measured(s03, company(tmp_path / "b", **tables), REGISTER)

    pd.testing.assert_frame_equal(plain.flags, scaled.flags)


@pytest.mark.case("as_of")
@pytest.mark.parametrize("path", [VALIDATED, LEAD_TIMES])
def test_a_run_as_of_a_cycle_sees_what_the_full_run_saw_then(tmp_path: Path, path: str) -> None:
    """Flags and tests known on a date do not change when more data arrive."""
    versions = pd.concat([register(), register(planned_value=36.0, set_on="2025-01-10").head(1)], ignore_index=True)
    tables = {
        "assumptions": versions, "assumption_actuals": actuals(1.2, 0.08), "assumption_validations": checks(5),
        "purchase_orders": receipts(1.3),
    }  # fmt: skip
    full, _ = measured(s03, company(tmp_path / "full", **tables), path)

    for day in ("2024-10-01", "2025-02-01", "2025-06-01"):
        then, _ = measured(s03, company(tmp_path / day, as_of=day, **tables), path)
        assert_known_then(full, then, pd.Timestamp(day))


def test_an_assumption_written_down_half_way_belongs_to_the_register_from_then_on(tmp_path: Path) -> None:
    """Lead times of two suppliers 30 % off; their assumptions are set in February 2025 and count from then on."""
    written = register(subject_id=["S1", "S2", "S3", "S4"], set_on=["2025-02-05"] * 2 + ["2023-12-15"] * 2)
    tables = {"assumptions": written, "purchase_orders": receipts(1.3)}
    full, _ = measured(s03, company(tmp_path / "full", **tables), REALISED)

    for day in ("2024-12-01", "2025-06-01"):
        then, _ = measured(s03, company(tmp_path / day, as_of=day, **tables), REALISED)
        assert_known_then(full, then, pd.Timestamp(day))
    wrong = full.metrics[1].values
    assert wrong["2025-01-01"] == 0
    assert wrong["2025-02-01"] == pytest.approx(0.5)


def test_before_the_latest_check_the_age_is_unknown_rather_than_stale(tmp_path: Path) -> None:
    """With only the latest check sent, ages are missing before it, in a full run and in a run as of then."""
    tables = {"assumptions": register(last_validated_on="2025-08-05"), "assumption_actuals": actuals(1.25)}
    full, verdict = measured(s03, company(tmp_path / "full", **tables), VALIDATED)
    then, _ = measured(s03, company(tmp_path / "then", as_of="2025-05-01", **tables), VALIDATED)

    assert verdict.status == "absent"
    assert_known_then(full, then, pd.Timestamp("2025-05-01"))
