"""One parameter, several values: where the client's own tables disagree about the same thing.

Glossary
    pair       two values of one parameter, such as the lead time on the order and the realised one
    log ratio  ln(first / second): above 0 the first is larger; the median of the last six intervals
    index      share of the weight of a pair's subjects whose log ratio is amber or red

The limits are defaults by judgement: a steady 10 % apart is amber, 25 % red. A pair names places to look at and whom to
ask; it is no verdict, and it does not say which of the two is right.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
import pandas as pd

from helpers.engagement import Engagement
from helpers.measures import parameter_values as values
from helpers.measures import plans
from helpers.measures.demand import NEEDS as DEMAND

Dimension = Literal["supplier", "resource", "item", "family"]
WINDOW = 6
AMBER, RED = math.log(1.10), math.log(1.25)
BUSY, OFTEN = 0.95, 3
SUBJECT = ["parameter", "first", "second", "dimension", "subject"]
COLUMNS = [*SUBJECT, "log_ratio", "n", "colour", "weight", "owner"]
PLAN_OF = "plan of "


@dataclass(frozen=True)
class Parameter:
    """One parameter: what its values belong to, the tables without which there is nothing to compare, its values."""

    name: str
    dimension: Dimension
    needs: tuple[str, ...]
    values: Callable[[Engagement], pd.DataFrame]
    area: str = ""


PARAMETERS = (
    Parameter("lead time", "supplier", ("purchase_orders",), values.lead_times, "supplier"),
    Parameter("hours", "resource", ("capacity",), values.hours, "capacity"),
    Parameter("standard", "item", ("production_orders | production_plan_snapshots.hours",), values.standards),
    Parameter("volume", "family", ("forecast_snapshots", "function_plans"), values.plan_totals),
    Parameter("volume", "family", ("forecast_snapshots", "production_plan_snapshots"), values.made_volume),
    Parameter("volume", "family", ("forecast_snapshots", "purchase_orders"), values.bought_volume),
    Parameter(
        "volume",
        "family",
        ("forecast_snapshots", "financials.family", "items.unit_price"),
        values.booked_volume,
    ),
    Parameter("price", "item", ("items.unit_price", "order_lines.unit_price"), values.prices),
    Parameter("cost", "item", ("purchase_orders.unit_price | purchase_orders.standard_price",), values.costs),
    Parameter("lot", "item", ("items.lot_size", "production_orders | purchase_orders"), values.lots),
    Parameter("buffer", "item", ("inventory_snapshots.safety_stock", DEMAND), values.buffers),
)
BOTTLENECK = ("resources.is_constraint", "capacity", "production_orders | production_plan_snapshots")
SPREAD = ("function_plans",)


def missing_values(engagement: Engagement) -> dict[str, tuple[str, ...]]:
    """Parameters that cannot be compared at all: name → the columns to ask for."""
    asked = [(p.name, p.needs) for p in PARAMETERS] + [("bottleneck", BOTTLENECK), ("spread", SPREAD)]
    gaps = [(name, engagement.missing(*needs)) for name, needs in asked]
    seen = {name for name, gap in gaps if not gap}
    return {name: gap for name, gap in reversed(gaps) if gap and name not in seen}


def disagreements(engagement: Engagement) -> pd.DataFrame:
    """Every pair of values of every parameter, subject by subject.

    Returns
    -------
    One row per `parameter`, `first`, `second` and `subject` of its `dimension`: `log_ratio` (median of the last six
    intervals within the last eight in which both values are known and above 0), `n` (how many of them), `colour`
    (`none` with fewer than six), `weight` ≥ 0 and `owner` (who answers for the assumption or the plan; missing where
    nobody is named). Rows of the bottleneck hold no log ratio: amber is a resource that is not called a constraint and
    whose load reached 0.95 in three of six intervals. Spread is the standard deviation of the logs of all functions'
    plans.
    """
    if not len(engagement.calendar.labels):
        return pd.DataFrame(columns=COLUMNS)
    usable = [parameter for parameter in PARAMETERS if engagement.has(*parameter.needs)]
    frames = [_compared(engagement, parameter) for parameter in usable]
    if engagement.has(*BOTTLENECK):
        frames.append(_unnamed_bottlenecks(engagement))
    if engagement.has(*SPREAD):
        frames.append(_spread(engagement))
    rows = pd.concat([frame for frame in frames if len(frame)]) if any(map(len, frames)) else pd.DataFrame()
    return _weighed(engagement, rows.reindex(columns=COLUMNS).reset_index(drop=True))


def _compared(engagement: Engagement, parameter: Parameter) -> pd.DataFrame:
    wide = parameter.values(engagement)
    pairs = [
        _pair(wide, str(first), str(second))
        for first, second in combinations([name for name in wide if name not in values.KEY], 2)
    ]
    rows = pd.concat(pairs, ignore_index=True) if pairs else pd.DataFrame(columns=["subject", "log_ratio", "n"])
    named = rows.assign(parameter=parameter.name, dimension=parameter.dimension, colour=_colours(rows))
    return named.assign(owner=_owners(engagement, parameter, named))


def _pair(wide: pd.DataFrame, first: str, second: str) -> pd.DataFrame:
    """Median log ratio of the last six intervals a subject has in both."""
    rows = wide.assign(log_ratio=plans.log_ratio(wide[first], wide[second])).dropna(subset=["log_ratio"])
    last = rows.sort_values(values.KEY).groupby("subject").tail(WINDOW).groupby("subject")["log_ratio"]
    found = last.agg(["median", "size"]).set_axis(["log_ratio", "n"], axis="columns")
    return found.rename_axis("subject").reset_index().assign(first=first, second=second)


def _colours(rows: pd.DataFrame) -> np.ndarray:
    apart = rows["log_ratio"].astype(float).abs().round(9)
    steps = [rows["n"] < WINDOW, apart >= round(RED, 9), apart >= round(AMBER, 9)]
    return np.select(steps, ["none", "red", "amber"], "green")


def _weighed(engagement: Engagement, rows: pd.DataFrame) -> pd.DataFrame:
    by_dimension = {name: values.weights(engagement, str(name)) for name in rows["dimension"].unique()}
    parts = [own["subject"].map(by_dimension[name]) for name, own in rows.groupby("dimension")]
    weight = pd.concat(parts) if parts else pd.Series(dtype=float)
    return rows.assign(weight=weight.fillna(0.0).astype(float))


def _owners(engagement: Engagement, parameter: Parameter, rows: pd.DataFrame) -> pd.Series:
    """The functions whose plans a pair compares; else who owns the latest assumption about the subject."""
    sides = rows[["first", "second"]] if len(rows) else pd.DataFrame({"first": [], "second": []}, dtype=str)
    of_plans = [
        " and ".join(side.removeprefix(PLAN_OF) for side in pair if side.startswith(PLAN_OF)) or None
        for pair in sides.itertuples(index=False)
    ]
    if not parameter.area:
        return pd.Series(of_plans, index=rows.index, dtype=object)
    told = engagement.table("assumptions").filter(lambda t: (t.area == parameter.area) & t.owner.notnull())
    latest = engagement.frame(told.select("subject_id", "set_on", "owner")).sort_values("set_on")
    return rows["subject"].map(latest.groupby("subject_id")["owner"].last()).astype(object)


def _unnamed_bottlenecks(engagement: Engagement) -> pd.DataFrame:
    known = values.loads(engagement).dropna(subset=["load"]).sort_values(values.KEY)
    free = known[~known["subject"].isin(engagement.critical_resources)]
    recent = free.assign(busy=free["load"] >= BUSY).groupby("subject").tail(WINDOW).groupby("subject")["busy"]
    rows = recent.agg(["sum", "size"]).reset_index()
    steps = [rows["sum"] >= OFTEN, rows["size"] < WINDOW]
    return rows.assign(
        parameter="bottleneck", first="not called a constraint", second="load of 95% or more",
        dimension="resource", n=rows["size"], log_ratio=np.nan, owner=None,
        colour=np.select(steps, ["amber", "none"], "green"),
    )  # fmt: skip


def _spread(engagement: Engagement) -> pd.DataFrame:
    spoken = plans.function_plans(engagement)
    version = "after" if spoken["version"].eq("after").any() else "before"
    cells = plans.dispersion(spoken, version, engagement.settings.demand_fence).dropna(subset=["dispersion"])
    near = cells[cells["cycle"].isin(values.recent(engagement))].sort_values(["cycle", "family"])
    found = near.groupby("family").tail(WINDOW).groupby("family")["dispersion"].agg(["median", "size"])
    rows = found.set_axis(["log_ratio", "n"], axis="columns").rename_axis("subject").reset_index()
    return rows.assign(
        parameter="spread", first=f"plans of all functions, {version} the consensus", second="their mean",
        dimension="family", owner=None, colour=_colours(rows),
    )  # fmt: skip


def pairs(rows: pd.DataFrame) -> pd.DataFrame:
    """`disagreements` by pair, the largest index first.

    Returns
    -------
    One row per `parameter`, `first`, `second`, `dimension`: `index` (missing where nothing could be judged or weighed),
    `apart` (subjects at amber or red) of `judged`, and the `worst` of them with its `log_ratio` and `owner`.
    """
    found = [_summed(key, own) for key, own in rows.groupby(SUBJECT[:-1], sort=True)]
    columns = [*SUBJECT[:-1], "index", "apart", "judged", "worst", "log_ratio", "owner"]
    table = pd.DataFrame(found, columns=columns)
    order = ["index", "apart", *SUBJECT[:-1]]
    return table.sort_values(order, ascending=[False, False, True, True, True, True], ignore_index=True)


def _summed(key: tuple[Hashable, ...], own: pd.DataFrame) -> dict[str, object]:
    judged = own[own["colour"] != "none"]
    apart = judged[judged["colour"].isin(["amber", "red"])]
    ranked = apart.assign(size=apart["log_ratio"].abs().fillna(0.0) * apart["weight"])
    worst = ranked.sort_values(["size", "weight", "subject"], ascending=[False, False, True]).head(1)
    total = judged["weight"].sum()
    return {
        **dict(zip(SUBJECT[:-1], key, strict=True)),
        "index": apart["weight"].sum() / total if total > 0 else np.nan,
        "apart": len(apart),
        "judged": len(judged),
        "worst": worst["subject"].item() if len(worst) else None,
        "log_ratio": worst["log_ratio"].item() if len(worst) else np.nan,
        "owner": worst["owner"].item() if len(worst) else None,
    }


def gravest(rows: pd.DataFrame, most: int) -> pd.DataFrame:
    """The rows of `disagreements` at amber or red, the largest log ratio by weight first within each pair's dimension.

    Items, suppliers, resources and families are weighed in different units, so each weight counts as a share of its
    pair's.
    """
    share = rows["weight"] / rows.groupby(SUBJECT[:-1])["weight"].transform("sum")
    size = (rows["log_ratio"].abs().fillna(AMBER) * share).round(12)  # equal ones stand in the order of their names
    apart = rows.assign(size=size)[rows["colour"].isin(["amber", "red"])]
    ranked = apart.sort_values(["size", *SUBJECT], ascending=[False, *[True] * len(SUBJECT)], ignore_index=True)
    return ranked.head(most)[COLUMNS]
