"""A scenario as the knobs have it: where they stand, what turning one of them changes, and what none of them shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import isclose
from typing import Any

from helpers.scenarios.scenario import BOTTLENECK, Scenario

PER_CENT = 100
PLAIN = ("production", "hours", "safety_stock", "frozen")
Standing = Mapping[str, Any]


@dataclass(frozen=True)
class Reach:
    """What the knobs can name: critical families, which share a slider, and suppliers, of which one can be late."""

    critical: tuple[str, ...]
    suppliers: tuple[str, ...]


def standing(asked: Scenario, reach: Reach) -> dict[str, Any]:
    """Where the knobs stand for a scenario, by knob.

    `bottleneck` and `demand` are changes in whole per cent, `rescue` per cent of the rescue money as approved, 100
    where it has no limit; `late` is the supplier that is a period late, empty for none.
    """
    factors = {asked.demand.get(family, 1.0) for family in reach.critical}
    late = (name for name, periods in asked.supplier_late.items() if periods == 1 and name in reach.suppliers)
    return {
        **{name: getattr(asked, name) for name in PLAIN},
        "bottleneck": _per_cent(asked.more_hours.get(BOTTLENECK, 0.0)),
        "demand": _per_cent(factors.pop() - 1) if len(factors) == 1 else 0,
        "rescue": _per_cent(1.0 if asked.rescue_share is None else asked.rescue_share),
        "late": next(late, ""),
    }


def turned(asked: Scenario, knob: str, old: Any, new: Any, reach: Reach) -> Scenario:
    """The scenario with one knob turned from `old` to `new`; all that this knob does not show stays as it is."""
    match knob:
        case "bottleneck":
            changes: dict[str, Any] = {"more_hours": _with(asked.more_hours, (BOTTLENECK,), new / PER_CENT, 0.0)}
        case "demand":
            changes = {"demand": _with(asked.demand, reach.critical, _factor(new), 1.0)}
        case "rescue":
            changes = {"rescue_share": _share(new)}
        case "late":
            punctual = {name: periods for name, periods in asked.supplier_late.items() if name not in (old, new)}
            changes = {"supplier_late": punctual | ({new: 1} if new else {})}
        case _:
            changes = {knob: new}
    return asked.model_copy(update=changes)


def unseen(asked: Scenario, stand: Standing, reach: Reach) -> list[str]:
    """What a scenario asks beyond what the knobs show, or otherwise than they show it, in a few words each."""
    demand = _beyond(asked.demand, dict.fromkeys(reach.critical, _factor(stand["demand"])), 1.0)
    hours = _beyond(asked.more_hours, {BOTTLENECK: stand["bottleneck"] / PER_CENT}, 0.0)
    late = _beyond(asked.supplier_late, {stand["late"]: 1}, 0)
    return [
        *(f"{family} ×{factor:g}" for family, factor in demand),
        *(f"{resource} hours {share * PER_CENT:+g}%" for resource, share in hours),
        *(f"{supplier} late by {_periods(int(count))}" for supplier, count in late),
        *([f"{_periods(asked.frozen)} as approved"] if asked.frozen != stand["frozen"] else []),
        *_limit_unseen(asked.rescue_share, stand["rescue"]),
        *(["in whole lots"] if asked.in_lots else []),
    ]


def _limit_unseen(share: float | None, stands: int) -> Iterator[str]:
    shown = _share(stands)
    if share is not None and (shown is None or not isclose(share, shown)):
        yield f"rescue money at most {share * PER_CENT:g}% of that approved"


def _with(said: Mapping[str, float], names: Iterable[str], value: float, nothing: float) -> dict[str, float]:
    """`said` with `value` for all of `names`, or without them where the value says nothing."""
    turned_to = dict.fromkeys(names, value)
    others = {name: own for name, own in said.items() if name not in turned_to}
    return others if value == nothing else others | turned_to


def _beyond(said: Mapping[str, float], shown: Mapping[str, float], nothing: float) -> Iterator[tuple[str, float]]:
    return ((name, value) for name, value in said.items() if not isclose(value, shown.get(name, nothing)))


def _per_cent(share: float) -> int:
    return round(share * PER_CENT)


def _factor(per_cent: int) -> float:
    return round(1 + per_cent / PER_CENT, 2)  # 0.93, not 0.9299999999999999


def _share(per_cent: int) -> float | None:
    return None if per_cent >= PER_CENT else per_cent / PER_CENT


def _periods(count: int) -> str:
    return "a period" if count == 1 else f"{count} periods"
