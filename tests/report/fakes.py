"""A diagnosis built by hand: ten signs with made-up evidence, no engagement behind it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd

from helpers.diagnosis import Diagnosis
from helpers.evidence import Chart, Cost, Evidence, Finding, Limit, Metric, Path, Remedies, Sign, State, Status, Verdict
from helpers.judgement.together import Overall
from helpers.manifest import Manifest, TableIntake
from helpers.periods import make_calendar
from helpers.settings import Settings

HOSTILE = "<script>alert('x')</script>"
CYCLES = pd.date_range("2024-01-01", periods=18, freq="MS", unit="us")
CALENDAR = make_calendar(CYCLES, None, CYCLES[-1], "month")
LIMIT = Limit(0.05, 0.10, "share", "test")
CLUSTERS = ("demand", "capacity", "procurement", "governance")


def sign(number: int = 1) -> Sign:
    """A sign of made-up identity; its cluster goes round with its number."""
    return Sign(
        number=number,
        key=f"sign_{number}",
        cluster=CLUSTERS[number % 4],  # type: ignore[arg-type]
        title=f"Sign {number}",
        question="Is it so?",
        board="It is so.",
        unit="family",
        judged="company",
        limits={"late_share": LIMIT},
        paths=(),
        questions=("Since when?",),
        remedies=Remedies("a rule", "an exception", "a role"),
    )


def chart(kind: Any = "trend", series: str | None = None, **changes: Any) -> Chart:
    """A rising share over eighteen cycles, as any kind of chart."""
    rows = pd.DataFrame({"cycle": CYCLES, "share": [0.01 * place for place in range(len(CYCLES))], "family": "Bread"})
    asked = {"title": "Late changes", "rows": rows, "x": "cycle", "y": "share", "series": series, "unit": "share"}
    return Chart(kind, **{**asked, "limit": LIMIT, **changes})


def evidence(**changes: Any) -> Evidence:
    """One metric, one chart."""
    values = pd.Series([0.01 * place for place in range(len(CYCLES))], index=CYCLES)
    asked = {
        "path": Path("full", "full", ("items",)),
        "flags": pd.DataFrame(),
        "metrics": (Metric("late_share", "Late share", values, "fact", LIMIT),),
        "contributions": pd.DataFrame(),
        "charts": (chart(),),
        "basis": "18 cycles",
    }
    return Evidence(**{**asked, **changes})


def verdict(status: Status = "recurring", **changes: Any) -> Verdict:
    """Quiet for twelve cycles, then `status` for six."""
    states = tuple(State(cycle, status if place > 11 else "absent", 4, 12) for place, cycle in enumerate(CYCLES))
    strength = {"recurring": 0.8, "isolated": 0.3, "absent": 0.05, "not_assessable": 0.0}[status]
    drivers = (("family", "Bread", 0.7), ("family", "Milk", 0.3))
    return Verdict(**{"status": status, "strength": strength, "states": states, "drivers": drivers, **changes})


def finding(number: int = 1, status: Status = "recurring", **changes: Any) -> Finding:
    """A sign with its verdict and a cost of 1,200 times its number."""
    known = None if status == "not_assessable" else evidence()
    cost = Cost(1200.0 * number, "as booked")
    return Finding(**{"sign": sign(number), "verdict": verdict(status), "cost": cost, "evidence": known, **changes})


def findings() -> tuple[Finding, ...]:
    """Ten signs: seven recur, one is isolated, one absent, one without its data."""
    special: dict[int, Finding] = {
        8: finding(8, "isolated"),
        9: finding(9, "absent"),
        10: finding(10, "not_assessable", missing=("function_plans",), reason="the data it needs were not sent"),
    }
    return tuple(special.get(number) or finding(number) for number in range(1, 11))


def pulse() -> pd.DataFrame:
    """OTIF sinking slowly, cost rising; the last cycle still open."""
    count = len(CYCLES)
    otif = [0.95 - 0.001 * place for place in range(count - 1)] + [float("nan")]
    cost = [1000.0 * place for place in range(count - 1)] + [float("nan")]
    return pd.DataFrame(
        {
            "cycle": CYCLES,
            "forecast_stability": 0.9,
            "production_plan_stability": 0.8,
            "compensation_cost": cost,
            "otif": otif,
        }
    )


def diagnosis(found: tuple[Finding, ...] | None = None, **settings: Any) -> Diagnosis:
    """Ten findings of a client whose name is hostile."""
    tables = (TableIntake("items", ("items.csv",), 10, 9, 1, 2), TableIntake("orders", problem=f"no key {HOSTILE}"))
    return Diagnosis(
        settings=Settings(**{"client": f"Smith & Co {HOSTILE}", **settings}),
        manifest=Manifest("f" * 64, tables, {"items.csv": "a" * 64}),
        as_of=CYCLES[-1],
        calendar=CALENDAR,
        findings=findings() if found is None else found,
        pulse=pulse(),
        overall=Overall("severe", 7, 9, "A severe message. 7 of 9 recur.", 42.0),
        families_watch=watched("Bread <b>"),
        resources_watch=watched("Line 1").head(0),
    )


def watched(subject: str) -> pd.DataFrame:
    """One watched value of one subject."""
    cell = {"title": "Cover", "label": CYCLES[-1], "value": 12.0, "unit": "days", "arrow": "up", "colour": "red"}
    return pd.DataFrame([{"subject": subject, "watch": "cover", **cell}])


def engagement() -> Any:
    """What the page asks an engagement for."""
    return SimpleNamespace(critical_families=("Bread",), critical_resources=())
