"""The three quick checks of the cycle, with service beside them: last value, what is usual, and whether it moved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from markupsafe import Markup

from helpers.charts import spark
from helpers.charts.numbers import day, money, number
from helpers.evidence import Metric

USUAL = 6
FAR = 1.5
MADN = 1.4826
TITLES = {
    "forecast_stability": ("Forecast stability", "share of the forecast that did not move since the cycle before"),
    "production_plan_stability": ("Plan stability", "share of the production plan that did not move"),
    "compensation_cost": ("Cost of compensation", "money spent in the cycle to rescue the plan"),
    "otif": ("OTIF", "order lines delivered on time and in full"),
}


@dataclass(frozen=True)
class Check:
    """One check: its last value in words, the usual one, and an arrow when it is far from usual and moving."""

    title: str
    reading: str
    value: str
    cycle: str
    usual: str
    arrow: str
    course: Markup


def checks(pulse: pd.DataFrame, currency: str, accent: str) -> list[Check]:
    """The checks of the pulse, by its last known cycle each."""
    series = pulse.set_index("cycle")
    return [_check(name, series[name].astype(float), currency, accent) for name in TITLES if name in series]


def _check(name: str, values: pd.Series, currency: str, accent: str) -> Check:
    title, reading = TITLES[name]
    known = values.dropna()
    if known.empty:
        return Check(title, reading, "not known", "", "", "", Markup())
    show = _money_of(currency) if name == "compensation_cost" else _share
    before = known.iloc[-USUAL - 1 : -1]
    usual = f"usual {show(float(before.median()))}" if len(before) >= 3 else ""
    course = spark(Metric(name, title, values, "fact", unit="" if name == "compensation_cost" else "share"), accent)
    return Check(title, reading, show(float(known.iloc[-1])), day(known.index[-1]), usual, arrow(known), Markup(course))  # noqa: S704


def arrow(known: pd.Series) -> str:
    """`↗` or `↘` by the median slope of the last six.

    Only when the last value is far from the six before it, on the side the slope points to.
    """
    before, last = known.iloc[-USUAL - 1 : -1], known.tail(USUAL).to_numpy(float)
    if len(before) < USUAL:
        return ""
    middle = float(before.median())
    spread = MADN * float((before - middle).abs().median())
    if abs(last[-1] - middle) <= FAR * spread:
        return ""
    first, second = np.triu_indices(len(last), 1)
    slope = float(np.median((last[second] - last[first]) / (second - first)))
    if slope * (last[-1] - middle) <= 0:
        return ""
    return "↗" if slope > 0 else "↘"


def _share(value: float) -> str:
    return number(value, "share")


def _money_of(currency: str) -> Callable[[float], str]:
    return lambda value: money(value, currency)
