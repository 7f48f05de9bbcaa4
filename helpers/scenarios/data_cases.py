"""Exceptions the data show beside the plan: buffers not set by risk, decisions left lying, late forecast changes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from helpers.charts.numbers import day, money, number, short
from helpers.engagement import Engagement
from helpers.measures import ahead
from helpers.measures.ahead import Level
from helpers.measures.decisions import pending
from helpers.measures.demand import NEEDS as DEMAND
from helpers.measures.rules import rules_by_situation, situations_named
from helpers.measures.situations import late_changes, moved_inside_fence
from helpers.periods import PER_YEAR
from helpers.scenarios.cases import UNKNOWN, Case, Option, tier_of
from helpers.scenarios.feasible import Feasibility
from helpers.scenarios.network import Network
from helpers.scenarios.options import rescue_price, unpriced
from helpers.scenarios.outcome import whole_sum

FAR_OFF = 0.25  # safety stock set beyond or below what risk asks, as a share of that; by judgement
MOST_NAMED = 3
REALLY_MOVED = 0.01  # of the forecast before


def data_cases(engagement: Engagement, network: Network, feasible: Feasibility, level: Level) -> list[Case]:
    """Buffers, decisions and forecast changes that somebody has to settle."""
    return [
        *buffers(engagement, network, level),
        *left_lying(engagement, network),
        *changed_late(engagement, network, feasible),
    ]


# safety stock against measured risk


def buffers(engagement: Engagement, network: Network, level: Level) -> Iterator[Case]:
    """Safety stock far above and far below what measured risk asks for: one exception each, over the families."""
    if not engagement.has("inventory_snapshots.safety_stock", DEMAND):
        return
    required = ahead.required_stock(engagement, level).dropna()
    rows = network.products.merge(required, on="product", validate="one_to_one")
    gap = (rows["safety"] - rows["required"]).rename("gap")
    carrying = rows["product"].map(network.values["carrying"])
    yearly = gap * carrying * PER_YEAR[engagement.settings.bucket]
    worth = {name: rows[name] * rows["cost"] for name in ("safety", "required")}
    cells = rows.assign(gap=gap, yearly=yearly, **{f"{name}_worth": value for name, value in worth.items()})
    sums = cells.groupby("family").agg(
        {"gap": "sum", "yearly": whole_sum, "safety_worth": "sum", "required_worth": "sum", "is_critical": "any"}
    )
    ratio = sums["safety_worth"] / sums["required_worth"].where(sums["required_worth"] > 0)
    for found, is_high in ((sums[ratio > 1 + FAR_OFF], True), (sums[ratio < 1 - FAR_OFF], False)):
        if len(found):
            yield _buffer(engagement, network, found, is_high=is_high)


def _buffer(engagement: Engagement, network: Network, found: pd.DataFrame, *, is_high: bool) -> Case:
    families = tuple(sorted(map(str, found.index)))
    units, yearly = abs(float(found["gap"].sum())), abs(whole_sum(found["yearly"]))
    tied = abs(float((found["safety_worth"] - found["required_worth"]).sum()))
    side = "above" if is_high else "below"
    at_cost = f", {money(tied, network.currency)} at cost," if network.is_priced else ""
    what = (
        f"The safety stock set for {', '.join(families)} lies {short(units)} units{at_cost} {side} what measured risk "
        "asks for."
    )
    set_it = Option("set it to what risk asks for", -yearly if is_high else yearly)
    leave = Option("leave it: a year of carrying it", yearly) if is_high else unpriced("leave it, and run the risk")
    return Case(
        kind=f"safety stock {side} risk",
        tier=tier_of(critical=bool(found["is_critical"].any()), service=not is_high),
        what=what,
        place=", ".join(families),
        families=families,
        period=engagement.as_of,
        size=units,
        unit="units",
        late=UNKNOWN,
        money=yearly if is_high else UNKNOWN,
        code="T4",
        options=(set_it, leave),
    )


# decisions that somebody still has to take or carry out


def left_lying(engagement: Engagement, network: Network) -> Iterator[Case]:
    """Overdue and ownerless decisions of the last six cycles, one exception a family."""
    rows = pending(engagement)
    named = rows.assign(family=rows["family"].fillna("all"))
    critical = set(network.products.loc[network.products["is_critical"], "family"])
    for family, own in named.groupby("family"):
        yield _decisions(engagement, str(family), own, is_critical=family in critical)


def _decisions(engagement: Engagement, family: str, own: pd.DataFrame, *, is_critical: bool) -> Case:
    counts = {
        "to be taken": int((own["is_open"] & own["is_overdue"]).sum()),
        "without an owner": int(own["is_ownerless"].sum()),
        "to be carried out": int((~own["is_open"]).sum()),
    }
    said = ", ".join(f"{count} {words}" for words, count in counts.items() if count)
    first = own.sort_values("raised_on").iloc[0]
    amount = float(own["amount"].abs().sum(min_count=1))
    is_open = bool(own["is_open"].any())
    due = own.loc[own["due_on"] >= engagement.as_of, "due_on"].min()
    owners = own["owner"].dropna().unique()
    names = ", ".join(own["decision_id"].head(MOST_NAMED)) + (" and others" if len(own) > MOST_NAMED else "")
    return Case(
        kind="decision",
        tier=tier_of(critical=is_critical, service=not bool(own["trade_off"].eq("capital").all())),
        what=f"Overdue decisions for {family}: {said} ({names}), the oldest raised on {first['raised_on']:%Y-%m-%d}.",
        place=family,
        families=(family,),
        period=engagement.as_of,
        size=float(len(own)),
        unit="decisions",
        late=UNKNOWN,
        money=amount,
        code=_situation(engagement, own),
        options=(
            Option("decide, with an owner and a day" if is_open else "carry it out", UNKNOWN, due),
            unpriced("close it undecided, and say so" if is_open else "take it back, and say so"),
        ),
        owner=str(owners[0]) if len(owners) == 1 else "",
        aside="" if is_open or own["owner"].isna().any() else "it is decided: its owner carries it out",
    )


def _situation(engagement: Engagement, own: pd.DataFrame) -> str:
    """The situation that the rules of decisions speak of, else the one their topics name; empty where neither does."""
    rules = rules_by_situation(engagement)
    by_rule = list(rules.loc[rules["rule_id"].isin(own["rule_id"].dropna()), "code"])
    by_topic = situations_named(" ".join(own["topic"].dropna()), engagement.settings)
    return next(iter([*by_rule, *by_topic]), "")


# forecast changes inside the fence


def changed_late(engagement: Engagement, network: Network, feasible: Feasibility) -> Iterator[Case]:
    """Critical families whose forecast the last cycle changed inside the fence without a rule, in periods ahead."""
    if not engagement.has("forecast_snapshots"):
        return
    cells = late_changes(engagement)
    last = cells["label"].max()
    if pd.isna(last) or last < engagement.calendar.cycles[-2:][0]:
        return
    unruled = set(cells.loc[(cells["label"] == last) & ~cells["ruled"].astype(bool), "family"])
    critical = set(network.products.loc[network.products["is_critical"], "family"])
    moves = moved_inside_fence(engagement)
    ahead_of = moves[(moves["label"] == last) & (moves["period"] >= engagement.as_of)]
    for family, own in ahead_of[ahead_of["family"].isin(unruled & critical)].groupby("family"):
        if own["net"].abs().sum() > REALLY_MOVED * own["earlier"].sum():
            yield _change(engagement, network, str(family), own, _late(network, feasible, str(family), own))


def _late(network: Network, feasible: Feasibility, family: str, own: pd.DataFrame) -> float:
    """Units of a family that the approved plan delivers late in the periods that changed."""
    products = network.products.loc[network.products["family"] == family, "product"]
    rows = feasible.units
    return float(rows.loc[rows["product"].isin(products) & rows["period"].isin(own["period"]), "late"].sum())


def _change(engagement: Engagement, network: Network, family: str, own: pd.DataFrame, late: float) -> Case:
    """The margin of the units that moved is at stake; taking a raise costs nothing where the plan covers it."""
    net, units = float(own["net"].sum()), float(own["net"].abs().sum())
    at_stake = units * _of_family(network, family, network.values["margin"])
    covered = late <= REALLY_MOVED * units
    dearest = 0.0 if covered else min(late, units) * _of_family(network, family, rescue_price(network))
    direction, share = "raised" if net > 0 else "lowered", number(units / float(own["earlier"].sum()), "share")
    when = ", ".join(day(period) for period in sorted(own["period"].unique()))
    answered = "; the approved plan covers it" if covered else f"; {short(late)} units are late there"
    take = "take it, by the approved plan" if covered else "take it, with rescues"
    return Case(
        kind="late change",
        tier="critical service",
        what=(
            f"The forecast of {family} was {direction} inside the fence by {short(units)} units ({share}) in {when}, "
            f"under no rule{answered}."
        ),
        place=family,
        families=(family,),
        period=own["period"].min(),
        size=units,
        unit="units",
        late=late,
        money=at_stake,
        code="T6",
        options=(
            Option(take, dearest, engagement.as_of),
            Option("keep the old number until the next cycle", at_stake if net > 0 else UNKNOWN),
        ),
    )


def _of_family(network: Network, family: str, values: pd.Series) -> float:
    """The mean over a family's products, weighted by demand; missing where a product has no value."""
    products = network.products.loc[network.products["family"] == family, "product"]
    weight = network.demand.groupby("product")["quantity"].sum().reindex(products, fill_value=0.0)
    total = float(weight.sum())
    return float(np.dot(values.reindex(products), weight) / total) if total > 0 else UNKNOWN
