"""Breach and severity: when one value of one unit counts, and when enough units make the sign."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from helpers.errors import Unusable
from helpers.evidence import FLAG_COLUMNS, Limit, Sign
from helpers.periods import Calendar, Timing
from helpers.settings import Settings

ALPHA = 0.05
HEALTHY_BREACH_RATE = 0.05
WEIGHT_SHARE = 0.20
CRITICAL_UNITS_AT_MOST = 0.20
FEWEST_COUNTED = 10


def limits_in_force(sign: Sign, settings: Settings) -> dict[str, Limit]:
    """The sign's limits with the client's overrides (`limits: {s05.exceptional_hours_share: …}`) applied."""
    prefix = f"{sign.code.lower()}."
    named = {key.removeprefix(prefix): value for key, value in settings.limits.items() if key.startswith(prefix)}
    unknown = sorted(set(named) - set(sign.limits))
    if unknown:
        choices = ", ".join(prefix + name for name in sign.limits)
        raise Unusable(
            f"settings limits: '{prefix}{unknown[0]}' is not a metric with a limit. Sign {sign.number} has: {choices}."
        )
    for name, override in named.items():
        worse = "below" if sign.limits[name].lower_is_worse else "above"
        if override.red == override.amber or (override.red < override.amber) != (worse == "below"):
            raise Unusable(
                f"settings limits: '{prefix}{name}': red must lie {worse} amber, found amber {override.amber:g} and "
                f"red {override.red:g}. Exchange or correct them."
            )
    return {name: _overridden(limit, named.get(name)) for name, limit in sign.limits.items()}


def _overridden(limit: Limit, override: object) -> Limit:
    if override is None:
        return limit
    amber, red = float(override.amber), float(override.red)  # type: ignore[attr-defined]
    return Limit(amber, red, limit.unit, "settings of the client", limit.lower_is_worse)


def is_breach(values: pd.Series, limit: Limit) -> pd.Series:
    """Whether each value reaches amber; reaching counts as crossing; a missing value never does."""
    return (values <= limit.amber) if limit.lower_is_worse else (values >= limit.amber)


def severity(values: pd.Series, limit: Limit) -> pd.Series:
    """0 below amber, 0.5 at amber, 1 from red on; missing values give 0."""
    reach = (values - limit.amber) / (limit.red - limit.amber)
    return (0.5 + 0.5 * reach.clip(0, 1)).where(is_breach(values, limit), 0.0).fillna(0.0)


def fewest_to_count(lines: pd.Series, healthy_share: float) -> pd.Series:
    """Smallest count x with P(Bin(n, healthy share) ≥ x) ≤ 5 %, so that a share of few lines is not called a breach."""
    return pd.Series(stats.binom.isf(ALPHA, lines.fillna(0).astype(int), healthy_share) + 1, index=lines.index)


def passes_count_guard(count: pd.Series, lines: pd.Series, healthy_share: float) -> pd.Series:
    """Whether `count` of `lines` is more than a healthy share would give by chance; false below ten lines."""
    return (count >= fewest_to_count(lines, healthy_share)) & (lines >= FEWEST_COUNTED)


@cache
def fewest_units(units: int) -> int:
    """q(U): how many of U units must breach together before the sign does."""
    return int(stats.binom.isf(ALPHA, units, HEALTHY_BREACH_RATE)) + 1 if units else 1


def make_flags(
    frame: pd.DataFrame,
    calendar: Calendar,
    timing: Timing,
    limit: Limit | None = None,
) -> pd.DataFrame:
    """A complete frame of flags from one that holds at least `label` and `value`.

    Parameters
    ----------
    frame
        `label`, `value`; optional `unit` (default `company`), `weight` (default equal), `critical`, `carries`,
        `returning` (default false), `breach` and `severity` (default from `limit`), `known_on` (default from `timing`),
        `excused_on`.

    Returns
    -------
    The columns of `FLAG_COLUMNS`, ordered by label and unit; `weight` sums to 1 over the assessable units of a label.
    """
    flags = frame.copy()
    flags["unit"] = flags["unit"].astype(str) if "unit" in flags else "company"
    if "known_on" not in flags:
        flags["known_on"] = calendar.known_on(flags["label"], timing)
    if "breach" not in flags and limit is not None:
        flags["breach"] = is_breach(flags["value"], limit)
    if "severity" not in flags and limit is not None:
        flags["severity"] = severity(flags["value"], limit)
    assessable = flags["value"].notna()
    flags["breach"] = flags["breach"].fillna(False).astype(bool) & assessable
    flags["severity"] = flags["severity"].fillna(0.0).where(flags["breach"], 0.0).clip(lower=0.0)
    flags["severity"] = flags["severity"].mask(flags["breach"], flags["severity"].clip(lower=0.5))
    weight = flags.get("weight", pd.Series(1.0, index=flags.index)).fillna(0.0).where(assessable, 0.0)
    total = weight.groupby(flags["label"]).transform("sum")
    flags["weight"] = np.where(total > 0, weight / total.where(total > 0, 1.0), 0.0)
    for said in ("critical", "carries", "returning"):
        flags[said] = flags[said].fillna(False).astype(bool) if said in flags else False
    if "excused_on" not in flags:
        flags["excused_on"] = pd.Series(pd.NaT, index=flags.index, dtype="datetime64[us]")
    known = flags["known_on"].notna() & flags["label"].notna()
    return flags.loc[known, list(FLAG_COLUMNS)].sort_values(["label", "unit"], ignore_index=True)


def breached_labels(flags: pd.DataFrame) -> pd.DataFrame:
    """From units to the sign, one row per assessable label.

    The sign breaches when breaching units hold 20 % of the weight and are at least q(U) in number, when a critical unit
    is at red (only where critical units are few), or when a breaching unit carries it. A lone unit decides for itself.

    Returns
    -------
    `label`, `known_on` (of the last unit), `breach`, `severity` (mean over breaching units), `weight` (of them).
    """
    assessable = flags[flags["value"].notna()]
    if assessable.empty:
        return pd.DataFrame(columns=["label", "known_on", "breach", "severity", "weight"])
    labels, first, at = np.unique(assessable["label"].to_numpy(), return_index=True, return_inverse=True)
    known = assessable["known_on"].to_numpy()
    known_on = known[first].copy()
    np.maximum.at(known_on, at, known)
    hit, critical, carries = (assessable[said].to_numpy(bool) for said in ("breach", "critical", "carries"))
    size, grade = (assessable[said].to_numpy(float) for said in ("weight", "severity"))
    # What did not breach is missing, not 0, so that sums skip it; one pass over the labels for all of them.
    counted = (hit, critical, hit & critical & (grade >= 1.0), hit & carries, size, _only(size, hit), _only(grade, hit))
    sums = pd.DataFrame(np.column_stack(counted).astype(float)).groupby(at).sum().to_numpy().T
    hits, criticals, at_red, carried, whole, weight, severe = sums
    units = np.bincount(at)
    weight = np.where(whole > 0, weight, hits / units)
    enough = hits >= np.array([fewest_units(int(count)) for count in units])
    few_critical = criticals / units <= CRITICAL_UNITS_AT_MOST
    breach = ((weight >= WEIGHT_SHARE) & enough & (hits > 0)) | (few_critical & (at_red > 0)) | (carried > 0)
    severe = np.divide(severe, hits, out=np.zeros(len(labels)), where=hits > 0)
    found = {"label": labels, "known_on": known_on, "breach": breach, "severity": severe, "weight": weight}
    return pd.DataFrame(found)


def _only(values: NDArray[np.float64], chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.where(chosen, values, np.nan)
