"""Objectives that pull apart: what the functions are measured on, and which of them want opposite things.

Glossary
    lever      something a plan can have more or less of: stock, lot size, urgency spending, capacity slack, promised
               volume
    want       what a KPI makes a function want of a lever: 1 more, −1 less, 0 indifferent
    conflict   share of what two functions want of the same levers that points in opposite directions, 0 to 1
    live       a recurring sign shows where the two pull

The table of wants and the limits are the kit's own defaults by judgement.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import combinations

import numpy as np
import pandas as pd

from helpers.engagement import Engagement
from helpers.measures.rules import rules_by_situation
from helpers.measures.vocabulary import bare_words, longest_match
from helpers.settings import KpiGroup, Settings

NEEDS = ("kpi_objectives",)
AMBER, RED = 0.50, 0.75
LEVERS = ["stock", "lot", "urgency", "slack", "promise"]
WANTS: dict[KpiGroup, tuple[int, ...]] = {
    "volume": (1, -1, 1, 1, 1),
    "service": (1, -1, 1, 1, 0),
    "efficiency": (1, 1, -1, -1, 0),
    "purchasing": (1, 1, -1, 0, 0),
    "capital": (-1, -1, 0, -1, -1),
    "margin": (0, 0, -1, 0, -1),
    "plan": (0, 0, -1, 0, 0),
}
# The signs that show where a lever is pulled, and the situations in which a rule about it would have to decide.
SIGNS = {"stock": (8, 9), "lot": (4, 9), "urgency": (6, 7), "slack": (5,), "promise": (1, 2)}
SITUATIONS = {
    "stock": {"T4", "T5"},
    "lot": set(),
    "urgency": {"T2", "T8"},
    "slack": {"T3"},
    "promise": {"T1", "T6", "T7"},
}
SHARED = ("service", "margin")
COLUMNS = ["first", "second", "conflict", "levers", "colour", "live", "signs", "mitigated", "mitigated_by"]


def kpi_group(kpi: str, settings: Settings) -> tuple[KpiGroup | None, int]:
    """The group a KPI belongs to and 1 where it is better when high, −1 when low; the longest words that fit decide."""
    sizes = {
        (group, sense): longest_match(kpi, phrases)
        for group, words in settings.words_of_kpis.items()
        for sense, phrases in ((1, words.maximise), (-1, words.minimise))
    }
    best = max(sizes, key=lambda key: sizes[key])
    return best if sizes[best] else (None, 0)


def objectives(engagement: Engagement) -> pd.DataFrame:
    """What each function is measured on and what that makes it want.

    Returns
    -------
    One row per `function` (lower case) and `kpi`: `sense` (1 maximise, −1 minimise), `group` (missing: the words of the
    KPI fit none), `weight` (1 where a function's weights are not all sent) and a want for each lever.
    """
    rows = engagement.frame(engagement.table("kpi_objectives").select("function", "kpi", "direction", "weight"))
    rows = rows.assign(function=rows["function"].str.strip().str.lower(), name=rows["kpi"].map(bare_words))
    groups = [kpi_group(kpi, engagement.settings) for kpi in rows["kpi"]]
    sense = rows["direction"].map({"maximise": 1, "minimise": -1}).astype(int)
    flip = sense * pd.Series([natural for _, natural in groups], index=rows.index, dtype=int)
    wants = np.array([WANTS[group] if group else (0,) * len(LEVERS) for group, _ in groups]).reshape(-1, len(LEVERS))
    complete = rows["weight"].notna().groupby(rows["function"]).transform("all")
    return rows.assign(
        sense=sense,
        group=pd.Series([group for group, _ in groups], index=rows.index, dtype=object),
        weight=rows["weight"].where(complete, 1.0),
        **dict(zip(LEVERS, (wants * flip.to_numpy()[:, None]).T, strict=True)),
    )


def unmapped(rows: pd.DataFrame) -> tuple[str, ...]:
    """KPIs of `objectives` that fit no group: questions for the client."""
    return tuple(sorted(set(rows.loc[rows["group"].isna(), "kpi"])))


def conflicts(engagement: Engagement, recurring: Collection[int]) -> pd.DataFrame:
    """How far the objectives of each two functions pull apart.

    Parameters
    ----------
    recurring
        Numbers of the signs that recur.

    Returns
    -------
    One row per pair `first`, `second`, largest `conflict` first: `levers` they pull apart, the strongest first;
    `colour`; `live` with the recurring `signs` of these levers, from amber on; `mitigated`, with what mitigates it: a
    service or margin KPI both are measured on, or a rule that names the order for the strongest lever. The conflict is
    1 where the same KPI is to rise for one and fall for the other, 0 where they want nothing of the same lever, missing
    where one of them has no KPI that the kit knows.
    """
    rows = objectives(engagement)
    orders = rules_by_situation(engagement)
    orders = orders[orders["has_order"]]
    found = [_pair(rows, pair, set(recurring), orders) for pair in combinations(sorted(rows["function"].unique()), 2)]
    pairs = pd.DataFrame(found, columns=COLUMNS)
    return pairs.sort_values(["conflict", "first", "second"], ascending=[False, True, True], ignore_index=True)


def _pair(rows: pd.DataFrame, pair: tuple[str, str], recurring: set[int], orders: pd.DataFrame) -> dict[str, object]:
    first, second = (rows[rows["function"] == function] for function in pair)
    conflict, levers = _conflict(first, second)
    colour = "red" if conflict >= RED else "amber" if conflict >= AMBER else "none" if pd.isna(conflict) else "green"
    signs = sorted({sign for lever in levers for sign in SIGNS[lever]} & recurring) if conflict >= AMBER else []
    eased = _mitigation(first, second, levers, orders)
    return {
        **dict(zip(("first", "second"), pair, strict=True)),
        "conflict": conflict,
        "levers": tuple(levers),
        "colour": colour,
        "live": bool(signs),
        "signs": tuple(signs),
        "mitigated": bool(eased),
        "mitigated_by": eased,
    }


def _conflict(first: pd.DataFrame, second: pd.DataFrame) -> tuple[float, list[str]]:
    both = first.merge(second, on="name", suffixes=("", "_of_second"))
    opposed = both[both["sense"] != both["sense_of_second"]]
    products = _wanted(first) * _wanted(second)
    size = products.abs().sum()
    apart = products[products < 0].sort_values(kind="stable")
    if len(opposed):
        wanted = (opposed[LEVERS] != 0).any()
        return 1.0, list(wanted[wanted].index)
    if first["group"].isna().all() or second["group"].isna().all():
        return float("nan"), []
    return (float(-apart.sum() / size) if size else 0.0), [str(lever) for lever in apart.index]


def _wanted(rows: pd.DataFrame) -> pd.Series:
    """What a function wants of each lever: the weighted mean over its KPIs."""
    known = rows[rows["group"].notna()]
    total = known["weight"].sum()
    wanted: pd.Series = known[LEVERS].mul(known["weight"], axis="index").sum() / (total or 1.0)
    return wanted.round(12)


def _mitigation(first: pd.DataFrame, second: pd.DataFrame, levers: list[str], orders: pd.DataFrame) -> str:
    both = first[first["group"].isin(SHARED)].merge(second[["name", "sense"]], on=["name", "sense"])
    if not levers or len(both):
        return ", ".join(f"both measured on {kpi}" for kpi in sorted(both["kpi"])) if levers else ""
    rules = orders.loc[orders["code"].isin(SITUATIONS[levers[0]]), "rule_id"]
    return f"rule {', '.join(sorted(set(rules)))}" if len(rules) else ""
