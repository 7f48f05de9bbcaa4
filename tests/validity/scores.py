"""From readings to figures: discrimination, recall, false alarms, lead, delay, place, cause and cost."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from tests.validity.clients import SIGNS, VOLATILITIES
from tests.validity.reading import TARGET, Reading, Said

STRONG = 0.5
SOON = 6
BELOW = 0.02
MATERIAL = 0.10
DECIDED = ("governance", "real_variability")
# Signs that a fault rightly sets off downstream: an alarm there is a consequence, not a false one.
CONSEQUENCES = {
    1: {4, 7, 10},
    2: {5, 6, 10},
    3: {5, 6, 7, 8, 9},
    4: {5, 6, 9},
    5: {3, 6, 9},
    7: {6, 9},
    8: {9},
    9: {6},
    10: {2, 4, 9},
}
OWN_DIMENSION = {
    1: ("family",),
    2: ("family",),
    3: ("supplier", "resource"),
    4: ("resource",),
    5: ("resource",),
    8: ("family",),
}


def of_sign(reading: Reading, sign: int) -> Said:
    """What was said of one sign."""
    return reading.signs[sign - 1]


def faulty(readings: Iterable[Reading], sign: int, least: float = STRONG) -> list[Reading]:
    """Clients with this one fault, at least that strong."""
    alone = [r for r in readings if r.client.kind == "fault" and r.client.faults[0].sign == sign]
    return [r for r in alone if r.client.faults[0].strength >= least]


def healthy(readings: Iterable[Reading]) -> list[Reading]:
    """Clients with nothing wrong, whatever happens to their market."""
    return [r for r in readings if r.client.kind == "healthy"]


def shocked(readings: Iterable[Reading]) -> list[Reading]:
    """Clients with nothing wrong and a supplier that fails again and again."""
    return [r for r in readings if r.client.kind == "shocks"]


def struck(readings: Iterable[Reading]) -> list[Reading]:
    """Clients with nothing wrong whom failures strike again and again, and whose logs do not excuse them."""
    return [r for r in readings if r.client.kind == "struck"]


def by_sign(readings: list[Reading]) -> pd.DataFrame:
    """One row per sign, figures as fractions, cycles, and money relative to the truth; missing where no case tells."""
    return pd.DataFrame([_row(readings, sign) for sign in SIGNS]).set_index("sign")


def _row(readings: list[Reading], sign: int) -> dict[str, Any]:
    wrong, well = faulty(readings, sign), healthy(readings)
    named = [place for place in (_right_place(r, sign) for r in wrong) if place is not None]
    causes = _causes(readings, sign)
    variable = [said for said, truth in causes if truth == "real_variability"]
    errors = [error for error in (_cost_error(r, sign) for r in wrong) if error is not None]
    return {
        "sign": sign,
        "clients": len(wrong),
        "auc": auc([of_sign(r, sign).strength for r in wrong], [of_sign(r, sign).strength for r in well]),
        "recall": share(_soon(r, sign) for r in wrong),
        "recall_ever": share(_first(r, sign) is not None for r in wrong),
        "precision": _precision(readings, sign),
        **{f"alarm_{v:g}": share(_ever(r, sign) for r in well if r.client.volatility == v) for v in VOLATILITIES},
        "healthy_breach": breach_rate([of_sign(r, sign) for r in well]),
        "event_alarm": share(_ever(r, sign) for r in _events(readings, sign)),
        "delay": _median(_delay(r, sign) for r in wrong),
        "lead": _median(_lead(r, sign) for r in wrong),
        "place": share(named),
        "of_governance": len(causes) - len(variable),
        "of_variability": len(variable),
        "cause": share(said == truth for said, truth in causes if said in DECIDED),
        "undetermined": share(said not in DECIDED for said, _ in causes),
        "blamed": share(said == "governance" for said in variable),
        "cost_clients": len(errors),
        "cost_error": _median(abs(low_central_high[0]) for low_central_high in errors),
        "cost_covered": share(covered for _, covered in errors),
    }


def together(readings: list[Reading]) -> dict[str, float]:
    """Figures of the ten signs together."""
    well, events = healthy(readings), [r for r in readings if r.client.kind == "event"]
    shocks, unexcused = shocked(readings), struck(readings)
    causes = [said for sign in SIGNS for said, _ in _causes([*shocks, *unexcused], sign)]
    return {
        "healthy_clients": len(well),
        "any_false_alarm": share(_any(r) for r in well),
        "any_false_alarm_at_most": at_most([_any(r) for r in well]),
        "events": len(events),
        "event_alarm": share(_ever(r, r.client.faults[0].sign) for r in events),
        "shocked_clients": len(shocks),
        "shock_alarm": share(_any(r) for r in shocks),
        "struck_clients": len(unexcused),
        "shock_patterns": len(causes),
        "shock_blamed": share(said == "governance" for said in causes),
        "shock_cleared": share(said == "real_variability" for said in causes),
        **leads(readings).loc["all"],
    }


def leads(readings: list[Reading]) -> pd.DataFrame:
    """Falls of OTIF in clients with several faults, at once or growing: `falls`, `falls_preceded`, `median_lead`."""
    declines = [r for r in readings if r.client.kind == "decline"]
    growing = [r for r in declines if r.client.faults[0].ramp > 1]
    groups = {"all": declines, "growing": growing, "at once": [r for r in declines if r not in growing]}
    return pd.DataFrame({name: _lead_figures(some) for name, some in groups.items()}).T


def _lead_figures(declines: list[Reading]) -> dict[str, float]:
    falls = [lead for lead in map(_first_lead, declines) if lead is not None]
    return {
        "falls": len(falls),
        "falls_preceded": share(lead > 0 for lead in falls),
        "median_lead": _median(max(lead, 0.0) for lead in falls),
    }


def false_alarms(readings: list[Reading], by: Callable[[Reading], object]) -> pd.DataFrame:
    """Healthy clients with any recurring sign in their whole history, per group: `clients`, `any`, and each sign.

    `at_most` is the upper 95 % bound of `any`.
    """
    rows = [
        {"group": by(r), "any": _any(r), **{f"S{s:02d}": _ever(r, s) for s in SIGNS}, "clients": 1}
        for r in healthy(readings)
    ]
    table = pd.DataFrame(rows)
    shares = table.drop(columns="clients").groupby("group").mean()
    if table.empty:
        return table
    groups = table.groupby("group")
    shares.insert(1, "at_most", groups["any"].agg(lambda found: at_most(found.tolist())))
    return shares.assign(clients=groups["clients"].sum())


def cross_talk(readings: list[Reading]) -> pd.DataFrame:
    """Share of clients with one fault (rows) in which another sign (columns) ever recurs."""
    rows = {s: {t: share(_ever(r, t) for r in faulty(readings, s)) for t in SIGNS} for s in SIGNS}
    return pd.DataFrame(rows).T


def baselines(readings: list[Reading]) -> pd.DataFrame:
    """The same questions put to fixed KPI limits and control charts: `recall` over all faults, `healthy_alarm`."""
    rows = []
    for kind in ("fixed", "chart"):
        wrong = [r for r in readings if r.client.kind == "fault" and r.client.faults[0].strength >= STRONG]
        rows.append(
            {
                "method": kind,
                "recall": share(_baseline_soon(r, kind) for r in wrong),
                "healthy_alarm": share(_baseline_repeats(r, kind, 0, None) for r in healthy(readings)),
            }
        )
    return pd.DataFrame(rows).set_index("method")


def _baseline_soon(reading: Reading, kind: str) -> bool:
    onset = reading.onsets[reading.client.faults[0].sign]
    return _baseline_repeats(reading, kind, onset, onset + SOON)


def _baseline_repeats(reading: Reading, kind: str, first: int, last: int | None) -> bool:
    """Whether any KPI alarms three times in six cycles: the same persistence, without the normalisation."""
    for alarm in reading.baselines.values():
        cycles = [c for c in getattr(alarm, kind) if c >= first and (last is None or c < last)]
        if any(later - earlier < SOON for earlier, later in zip(cycles, cycles[2:], strict=False)):
            return True
    return False


def _ever(reading: Reading, sign: int) -> bool:
    return "r" in of_sign(reading, sign).states


def breach_rate(said: list[Said]) -> float:
    """Share of assessed cycles that breach: limits are set so that a healthy client seldom has a bad cycle."""
    assessed = [[place for place, letter in enumerate(s.states) if letter != "n"] for s in said]
    cycles = sum(map(len, assessed))
    bad = sum(len(set(places) & set(s.breached)) for s, places in zip(said, assessed, strict=True))
    return bad / cycles if cycles else float("nan")


def _any(reading: Reading) -> bool:
    return any(_ever(reading, sign) for sign in SIGNS)


def _first(reading: Reading, sign: int) -> int | None:
    """The first cycle from the onset on at which the sign turns recurring; an alarm from before does not count."""
    return first_from(of_sign(reading, sign).states, reading.onsets.get(sign, 0))


def first_from(states: str, onset: int) -> int | None:
    """The first cycle from `onset` on at which `states` turn recurring."""
    found = (now for now in range(max(1, onset), len(states)) if states[now] == "r" and states[now - 1] != "r")
    return next(found, None)


def _soon(reading: Reading, sign: int) -> bool:
    first = _first(reading, sign)
    return first is not None and first <= reading.onsets[sign] + SOON


def _delay(reading: Reading, sign: int) -> float | None:
    first = _first(reading, sign)
    return None if first is None else first - reading.onsets[sign]


def otif_falls(reading: Reading, after: int = 0) -> int | None:
    """The cycle at which OTIF was seen below target − 2 points for the second time in three closed cycles.

    Cycles that closed before `after` do not count: they fell for another reason.
    """
    low = (np.array(reading.otif) < TARGET - BELOW) & (np.arange(len(reading.otif)) >= after)
    for now in range(max(2, after), len(low)):
        if low[now - 2 : now + 1].sum() >= 2:
            return now + 1  # a closed cycle is known at the next
    return None


def _lead(reading: Reading, sign: int) -> float | None:
    first, fall = _first(reading, sign), otif_falls(reading, reading.onsets[sign])
    return None if first is None or fall is None else fall - first


def _first_lead(reading: Reading) -> float | None:
    """Cycles between the first recurring sign and the fall; minus infinity when nothing warned."""
    start = min(reading.onsets.values())
    fall = otif_falls(reading, start)
    if fall is None:
        return None
    warned = [first for first in (_first(reading, sign) for sign in SIGNS) if first is not None and first >= start]
    return fall - min(warned) if warned else -np.inf


def _right_place(reading: Reading, sign: int) -> bool | None:
    """Whether the largest driver of the sign's own dimensions is a place of the fault; `None` where it has none."""
    places, dimensions = reading.client.faults[0].places, OWN_DIMENSION.get(sign, ())
    drivers = [d for d in of_sign(reading, sign).drivers if d[0] in dimensions]
    if not places or "r" not in of_sign(reading, sign).states:
        return None
    return bool(drivers) and drivers[0][1] in places


def _causes(readings: list[Reading], sign: int) -> list[tuple[str, str]]:
    """(said, true) causes of signs that recur: governance with the fault, real variability where nothing is wrong."""
    pairs = [(of_sign(r, sign), "governance") for r in faulty(readings, sign)]
    well = (*healthy(readings), *shocked(readings), *struck(readings))
    pairs += [(of_sign(r, sign), "real_variability") for r in well]
    return [(said.cause, truth) for said, truth in pairs if said.cause and said.states.endswith("r")]


def _cost_error(reading: Reading, sign: int) -> tuple[float, bool] | None:
    """Relative error of the central estimate and whether the range covers the truth.

    Only where the fault cost at least a tenth of what the same client spends without it: an error relative to a
    difference near zero says nothing.
    """
    estimate, truth = of_sign(reading, sign).avoidable, reading.avoidable.get(sign, 0.0)
    is_material = truth > 0 and truth >= MATERIAL * reading.usual.get(sign, 0.0)
    if estimate is None or not is_material or not of_sign(reading, sign).states.endswith("r"):
        return None
    low, central, high = estimate
    return (central - truth) / truth, low <= truth <= high


def _precision(readings: list[Reading], sign: int) -> float:
    """Of the clients in which the sign recurs, the share in which it should: its fault, or one that leads to it."""
    rightly = {sign} | {fault for fault, signs in CONSEQUENCES.items() if sign in signs}
    recurring = [r for r in readings if r.client.kind in ("healthy", "fault") and _ever(r, sign)]
    return share(bool(rightly & {f.sign for f in r.client.faults}) for r in recurring)


def _events(readings: list[Reading], sign: int) -> list[Reading]:
    return [r for r in readings if r.client.kind == "event" and r.client.faults[0].sign == sign]


def auc(wrong: list[float], well: list[float]) -> float:
    """P(a faulty client scores above a healthy one), ties half."""
    if not wrong or not well:
        return float("nan")
    return float(stats.mannwhitneyu(wrong, well).statistic / (len(wrong) * len(well)))


def share(outcomes: Iterable[bool]) -> float:
    """Part that is true; missing where there is none."""
    found = list(outcomes)
    return float(np.mean(found)) if found else float("nan")


def at_most(outcomes: list[bool]) -> float:
    """Upper 95 % bound of a share (Clopper & Pearson 1934): what so few cases cannot rule out."""
    if not outcomes:
        return float("nan")
    hits = sum(outcomes)
    return 1.0 if hits == len(outcomes) else float(stats.beta.ppf(0.95, hits + 1, len(outcomes) - hits))


def _median(values: Iterable[float | None]) -> float:
    found = [value for value in values if value is not None]
    return float(np.median(found)) if found else float("nan")
