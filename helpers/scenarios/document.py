"""`scenarios.json`: feasibility, scenarios, rules and their replay, for scripts and for whoever shows them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from helpers import __version__
from helpers.measures.ahead import Level
from helpers.periods import Bucket
from helpers.scenarios.cases import Option
from helpers.scenarios.cycle import Cycle
from helpers.scenarios.feasible import Feasibility
from helpers.scenarios.network import Network
from helpers.scenarios.outcome import Outcome, felt, summed
from helpers.scenarios.playbook import Playbook
from helpers.scenarios.realign import Realignment
from helpers.scenarios.replay import WORLDS, Replay
from helpers.scenarios.said import feasible_said, replay_said
from helpers.scenarios.scenario import Answer, goes_beyond, planned_anew
from helpers.scenarios.words import differences, scarce
from helpers.settings import Settings

SCHEMA_VERSION = "1"
Json = dict[str, Any]
FIGURES = ("service", "critical", "margin", "capital", "buffers", "compensation")


def document(found: Realignment, settings: Settings, as_of: pd.Timestamp, level: Level) -> Json:
    """A realignment, ready for `json.dumps`: dates as ISO text, undefined numbers as null, the approved plan first.

    Shares are 0 to 1, money is in `currency`, `difference` is a scenario's figure less that of the approved plan,
    `on_top` the same less that of the plan anew with the frozen periods as approved.
    """
    network, bucket = found.network, settings.bucket
    return {
        "schema_version": SCHEMA_VERSION,
        "kit_version": __version__,
        "client": settings.client,
        "as_of": _day(as_of),
        "currency": network.currency,
        "bucket": bucket,
        "level": level,
        "periods": [_day(period) for period in network.periods],
        "simplified": list(network.simplified),
        "feasibility": _feasibility(found.feasible, network, bucket),
        "scenarios": [_scenario(found.answers, answer, bucket) for answer in found.answers],
        "playbook": _playbook(found.playbook, found.is_draft, found.faults),
        "replay": _replay(found.replay, network.currency, found.is_draft, settings.otif.target),
        "exceptions": _exceptions(found.raised, *found.room),
        "cycle": _cycle(found.cycle),
    }


def _feasibility(found: Feasibility, network: Network, bucket: Bucket) -> Json:
    rescue = summed(found.rescue, ("kind", "at"))
    largest = rescue.groupby("kind")["quantity"].transform("max")
    is_unpriced = ~(rescue["amount"] > 0)
    seen = rescue[felt(rescue["amount"], rescue["amount"].sum()) | is_unpriced & felt(rescue["quantity"], largest)]
    return {
        "feasible": found.is_feasible,
        "message": feasible_said(found, network, bucket),
        "hours": _records(found.hours),
        "units": _records(found.units),
        "rescue": _records(seen),
        "unrescued": _records(found.unrescued),
    }


def _scenario(answers: Sequence[Answer], answer: Answer, bucket: Bucket) -> Json:
    first, anew = answers[0], planned_anew(answers)
    return {
        "key": answer.key,
        "title": answer.scenario.title,
        **_figures(answer.figures),
        "by_segment": {str(name): number(share) for name, share in answer.figures.by_segment.items()},
        "by_kind": {str(kind): number(amount) for kind, amount in answer.figures.rescue.items()},
        "difference": None if answer is first else _difference(first, answer),
        "reasons": [] if answer is first else differences(first, answer),
        "on_top": _on_top(anew, answer) if anew and goes_beyond(anew, answer) else None,
        "scarce": scarce(answer.solution, bucket),
    }


def _on_top(anew: Answer, answer: Answer) -> Json:
    """What a scenario changes beyond planning anew."""
    return {"of": anew.key, "difference": _difference(anew, answer), "reasons": differences(anew, answer)}


def _difference(first: Answer, answer: Answer) -> dict[str, float | None]:
    before, after = _figures(first.figures), _figures(answer.figures)
    return {name: _less(after[name], before[name]) for name in FIGURES}


def _figures(figures: Outcome) -> dict[str, float | None]:
    return {name: number(getattr(figures, name)) for name in FIGURES}


def _less(value: float | None, other: float | None) -> float | None:
    return None if value is None or other is None else number(value - other)


def _playbook(playbook: Playbook, is_draft: bool, faults: tuple[str, ...]) -> Json:
    return {"is_draft": is_draft, "rules": playbook.model_dump(mode="json"), "faults": list(faults)}


def _replay(found: Replay, currency: str, is_draft: bool, target: float | None) -> Json:
    totals = {world: found.total(world) for world in WORLDS}
    return {
        "message": replay_said(found, currency, is_draft, target),
        "cycles": _records(found.cycles),
        "totals": {world: {str(name): number(value) for name, value in sums.items()} for world, sums in totals.items()},
        "recorded": number(found.recorded),
    }


def _exceptions(raised: pd.DataFrame, room: int, basis: str) -> Json:
    """What the next cycle has to decide, and how much of it one meeting clears."""
    return {"room": room, "basis": basis, "raised": _records(raised)}


def _cycle(found: Cycle) -> Json:
    return {
        "pace": found.pace,
        "why": list(found.why),
        "steps": _records(found.steps),
        "latency": _records(found.latency),
        "calendar": _records(found.calendar),
        "notes": list(found.notes),
        "asks": list(found.asks),
    }


def _records(rows: pd.DataFrame) -> list[Json]:
    return [{str(name): _value(value) for name, value in row.items()} for row in rows.to_dict("records")]


def _value(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_value(part) for part in value]
    if isinstance(value, Option):
        return {name: _value(part) for name, part in vars(value).items()}
    if isinstance(value, str | bool | np.bool_ | int):
        return bool(value) if isinstance(value, np.bool_) else value
    if value is None or pd.isna(value):
        return None
    return _day(value) if isinstance(value, pd.Timestamp) else number(value)


def _day(day: pd.Timestamp) -> str:
    return day.strftime("%Y-%m-%d")


def number(value: float) -> float | None:
    """A number to six digits after the point, without a signed zero; `None` for one that is not known."""
    return round(float(value), 6) + 0.0 if math.isfinite(value) else None
