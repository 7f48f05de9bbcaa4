"""OTIF above what it cost to hold it: one picture on one time axis."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from helpers.charts import axis, style
from helpers.charts.alt import direction
from helpers.charts.numbers import day, money, number, tick
from helpers.charts.picture import Picture, to_svg

WIDTH, HEIGHT = 430, 316


def draw_service(pulse: pd.DataFrame, target: float | None, currency: str, accent: str = style.ACCENT) -> Picture:
    """The picture of `otif` and `compensation_cost` of the pulse, one value a cycle.

    Parameters
    ----------
    pulse
        One row a cycle: `cycle`, `otif` (0 to 1), `compensation_cost` (money); missing where unknown.
    target
        The OTIF target, if the client named one.
    """
    rows = pulse.sort_values("cycle", kind="stable").reset_index(drop=True)
    otif, cost = rows["otif"].astype(float), rows["compensation_cost"].astype(float)
    words = service_words(rows, target, currency)
    with style.canvas(WIDTH, HEIGHT, rows=2) as (figure, (above, below)):
        _otif(above, otif, target, style.readable(accent))
        _cost(below, cost, currency)
        axis.cycles(below, pd.Index(rows["cycle"]))
        above.tick_params(labelbottom=False)
        return Picture(to_svg(figure), "Service, and the money spent to hold it", words, width=WIDTH)


def _otif(axes: Axes, otif: pd.Series, target: float | None, accent: str) -> None:
    _title(axes, "OTIF")
    if otif.notna().sum() == 0:
        axis.say_empty(axes)
        return
    axes.plot(np.arange(len(otif)), otif, color=accent, linewidth=2.2)
    known = [*otif.dropna(), *([target] if target else [])]
    low, high = min(known), max(known)
    pad = max(0.2 * (high - low), 0.01)
    axes.set_ylim(max(0.0, low - pad), min(1.005, high + pad))
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_formatter(lambda value, _: tick(value, "share"))
    axes.grid(axis="y")
    if target:
        axes.axhline(target, color=style.SOFT, linewidth=1, dashes=(4, 3))
        axes.annotate(
            f"target {number(target, 'share')}",
            (0, target),
            (3, 2),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            va="bottom",
            color=style.SOFT,
            fontsize=10.5,
        )
    _last(axes, otif, number(float(otif.dropna().iloc[-1]), "share"), accent)


def _cost(axes: Axes, cost: pd.Series, currency: str) -> None:
    _title(axes, "Compensation cost")
    if cost.notna().sum() == 0:
        axis.say_empty(axes)
        return
    axes.bar(np.arange(len(cost)), cost.fillna(0.0), color=style.AMBER, width=0.72)
    axes.set_ylim(0, float(cost.max()) * 1.12 or 1.0)
    axes.yaxis.set_major_locator(MaxNLocator(3))
    axes.yaxis.set_major_formatter(lambda value, _: tick(value))
    axes.grid(axis="y")
    _last(axes, cost, money(float(cost.dropna().iloc[-1]), currency), style.AMBER)


def _title(axes: Axes, words: str) -> None:
    axes.set_title(words, loc="left", fontsize=11, color=style.SOFT, pad=6)


def _last(axes: Axes, values: pd.Series, words: str, colour: str) -> None:
    end = values.dropna()
    axes.annotate(
        words,
        (end.index[-1], end.iloc[-1]),
        (9, 0),
        textcoords="offset points",
        va="center",
        color=colour,
        fontweight="bold",
        annotation_clip=False,
    )


def service_words(pulse: pd.DataFrame, target: float | None, currency: str) -> str:
    """First and last value of both, and the target."""
    cycles, otif, cost = pulse["cycle"], pulse["otif"].astype(float), pulse["compensation_cost"].astype(float)
    goal = f"Target {number(target, 'share')}." if target else "No target given."
    service = _ends("OTIF", cycles, otif, lambda value: number(value, "share"))
    return f"{service} {_ends('Compensation cost', cycles, cost, lambda value: money(value, currency))} {goal}"


def _ends(name: str, cycles: pd.Series, values: pd.Series, show: Callable[[float], str]) -> str:
    known = values.dropna()
    if known.empty:
        return f"{name} is not known."
    first, last = (f"{show(float(known.iloc[end]))} in {day(cycles[known.index[end]])}" for end in (0, -1))
    return f"{name} {direction(known.to_numpy(float)).lower()}: {first} to {last}."
