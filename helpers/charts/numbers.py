"""Numbers and cycles as a reader wants them: `8.3%`, `1.46`, `12.4 k`, `2025-03`."""

from __future__ import annotations

import math

import pandas as pd

from helpers.evidence import Limit

SHARES = ("share", "fraction", "percent", "probability", "otif")
RATIOS = ("ratio", "factor", "index", "times")
SHOWN_UNITS = ("hours", "days", "cycles", "units", "lines", "orders", "items", "nodes")
MISSING = "–"


def number(value: float | None, unit: str = "") -> str:
    """`value` with its unit: shares and log ratios as percent, large numbers shortened.

    A unit is written out when it is a short word of the trade or a currency; the title says the others.
    """
    if value is None or not math.isfinite(value):
        return MISSING
    kind = unit.lower().split(" ")[0]
    if kind in SHARES:
        return f"{percent(value)}%"
    if kind == "log":
        return f"{percent(math.expm1(value))}%"
    if kind in RATIOS or not kind:
        return short(value)
    if unit in SHOWN_UNITS and short(value) in ("1", "-1"):
        return f"{short(value)} {unit.removesuffix('s')}"
    return f"{short(value)} {unit}" if unit in SHOWN_UNITS or unit.isupper() else short(value)


def tick(value: float, unit: str = "") -> str:
    """`value` for an axis: no more digits than it has, no unit but the percent sign."""
    if unit.lower().split(" ")[0] in SHARES:
        return f"{100 * value:.4g}%"
    if unit.lower().startswith("log"):
        return f"{100 * math.expm1(value):.3g}%"
    size = abs(value)
    for bound, letter in ((1e9, " bn"), (1e6, " m"), (1e4, " k")):
        if size >= bound:
            return f"{value / min(bound, 1e3 if letter == ' k' else bound):.4g}{letter}"
    return f"{value:,.4g}" if size < 1000 else f"{value:,.0f}"


def percent(value: float) -> str:
    """A fraction as percent without the sign; one digit after the point below ten."""
    scaled = 100 * value
    return f"{scaled:.0f}" if abs(scaled) >= 9.95 or scaled == round(scaled) else f"{scaled:.1f}"


def short(value: float) -> str:
    """Three meaningful digits, no idle zeros; thousands and millions by letter."""
    size = abs(value)
    for bound, scale, letter in ((999.5e6, 1e9, "bn"), (999.5e3, 1e6, "m"), (9_995, 1e3, "k")):
        if size >= bound:
            return f"{in_full(value / scale)} {letter}"
    return in_full(value)


def in_full(value: float) -> str:
    """All digits before the point, three meaningful ones below a hundred: `24,303`, `12.4`, `0.031`."""
    size = abs(value)
    if size >= 99.5:
        return f"{value:,.0f}"
    if 0 < size < 0.095:
        return f"{value:.2g}"
    return f"{value:.1f}".removesuffix(".0") if size >= 9.95 else f"{value:.2f}".rstrip("0").rstrip(".")


def money(value: float | None, currency: str) -> str:
    """An amount with its currency."""
    return MISSING if value is None or not math.isfinite(value) else f"{short(value)} {currency}"


def day(moment: object) -> str:
    """A cycle: `2025-03` for the first of a month, the whole date otherwise."""
    if moment is None or pd.isna(moment):  # type: ignore[call-overload]
        return MISSING
    stamp = pd.Timestamp(moment)  # type: ignore[arg-type]
    return stamp.strftime("%Y-%m") if stamp.day == 1 else stamp.strftime("%Y-%m-%d")


def limit_words(limit: Limit, unit: str = "") -> str:
    """`amber from 5%, red from 10%` or, where lower is worse, `amber from 80% down, …`."""
    down = " down" if limit.lower_is_worse else ""
    amber, red = (number(bound, unit or limit.unit) for bound in (limit.amber, limit.red))
    return f"amber from {amber}{down}, red from {red}{down}"
