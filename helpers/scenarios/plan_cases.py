"""Exceptions of the approved plan: hours and units that are missing, and stock that falls below its safety stock.

What has one cause is one exception: the hours a resource lacks and the units late because of it, whatever the periods.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from helpers.charts.numbers import day, number, short
from helpers.scenarios import options
from helpers.scenarios.approved_plan import TOO_FEW, Plan, blamed_units, noticeable, thin_stock
from helpers.scenarios.cases import UNKNOWN, Case, Option, tier_of
from helpers.scenarios.outcome import whole_sum

DEMONSTRATED = 0.90  # of what the plan assumes of an hour; a lower rate is named as the cause
MOST_OPTIONS = 3
NOTHING_LATE = Option("leave it", 0.0)
LEVELLED = "stock covers it and no promise is late: the planner levels it"


def plan_cases(plan: Plan) -> list[Case]:
    """The exceptions of the approved plan; products whose thin stock has one of the others as its cause are in that."""
    units = blamed_units(plan)
    short_of_hours = plan.feasible.hours.groupby("resource")
    cases = [_hours(plan, rows, units) for _, rows in short_of_hours]
    others = units[(units["constraint"] != "hours") | ~units["at"].isin(short_of_hours.groups)]
    cases += [_units(plan, rows) for _, rows in others.groupby(["constraint", "at"])]
    cases += [_beyond(plan, rows) for _, rows in _without_home(plan, units).groupby("product")]
    thin = thin_stock(plan)
    elsewhere = thin[~thin["product"].isin(units["product"])]
    return [*cases, *(_thin(plan, rows) for _, rows in elsewhere.groupby("at"))]


def _hours(plan: Plan, rows: pd.DataFrame, units: pd.DataFrame) -> Case:
    """Hours one resource lacks, with the units late because of it."""
    resource = str(rows["resource"].iloc[0])
    late = units[(units["constraint"] == "hours") & (units["at"] == resource)]
    made = plan.network.routes.merge(plan.network.steps.query("resource == @resource"), on="route")["product"]
    affected = plan.products.loc[sorted(set(late["product"] if len(late) else made))]
    money = whole_sum(late["late"] * late["margin"])
    actions = [
        *options.build_ahead(plan.network, plan.rescued, rows, plan.notice),
        *options.overtime(rows, plan.feasible.rescue, plan.notice, is_late=len(late) > 0),
        *options.cut(plan.network, rows, plan.playbook.cut_first, set(late["family"]), plan.notice),
    ]
    said = [f"{resource} lacks {number(float(rows['missing'].sum()), 'hours')} of its plan in {_when(rows)}"]
    rated = options.of_resource(plan.network, resource, "rated")
    said += [f"an hour yields {short(rated)} of what the plan assumes"] if rated < DEMONSTRATED else []
    return Case(
        kind="hours",
        tier=tier_of(critical=bool(late["is_critical"].any()), service=len(late) > 0),
        what=_sentence([*said, *_late_words(plan, late), *_stock_words(plan, late)]),
        place=resource,
        families=tuple(sorted(affected["family"].unique())),
        period=rows["period"].min(),
        size=float(rows["missing"].sum()),
        unit="hours",
        late=float(late["late"].sum()),
        money=money,
        code="T3",
        options=_few(actions, NOTHING_LATE if late.empty else options.leaving(plan.network, late)),
        aside=LEVELLED if late.empty else "",
    )


def _units(plan: Plan, late: pd.DataFrame) -> Case:
    """Units late for want of a purchase or of a plan, by supplier or resource."""
    constraint, place = str(late["constraint"].iloc[0]), str(late["at"].iloc[0])
    money = whole_sum(late["late"] * late["margin"])
    bought = constraint == "lead time"
    actions = options.rushed(plan.network, late, plan.notice)
    higher = options.planned_higher(plan.rescued, late, plan.feasible.hours, plan.notice)
    return Case(
        kind=constraint,
        tier=tier_of(critical=bool(late["is_critical"].any()), service=True),
        what=_sentence([_begins(plan, late), *_late_words(plan, late), *_stock_words(plan, late)]),
        place=place,
        families=tuple(sorted(late["family"].unique())),
        period=late["period"].min(),
        size=float(late["late"].sum()),
        unit="units",
        late=float(late["late"].sum()),
        money=money,
        code="T2" if bought else "T7",
        options=_few(list(actions if bought else higher), options.leaving(plan.network, late, "agree on later dates")),
    )


def _begins(plan: Plan, late: pd.DataFrame) -> str:
    """Why units are late for want of a purchase or of a plan."""
    place = str(late["at"].iloc[0])
    if late["constraint"].iloc[0] == "lead time":
        return f"{place} cannot deliver in time"
    is_planned = late["product"].isin(plan.network.routes["product"]).any()
    return f"The plan of {place} makes less than is asked for" if is_planned else f"Nothing planned makes {place}"


def _without_home(plan: Plan, units: pd.DataFrame) -> pd.DataFrame:
    """Units that no rescue saves while the plan is followed and that belong to no other exception."""
    rows = noticeable(plan, plan.feasible.unrescued)
    found = rows[~rows["product"].isin(units["product"])]
    return found.join(plan.products[["family", "is_critical", "margin"]], on="product")


def _beyond(plan: Plan, late: pd.DataFrame) -> Case:
    """Units of one product that no rescue covers."""
    money = whole_sum(late["late"] * late["margin"])
    family = str(late["family"].iloc[0])
    return Case(
        kind="beyond rescue",
        tier=tier_of(critical=bool(late["is_critical"].any()), service=True),
        what=_sentence(
            [f"{short(late['late'].sum())} units of {late['product'].iloc[0]} stay late while the plan is followed"]
        ),
        place=family,
        families=(family,),
        period=late["period"].min(),
        size=float(late["late"].sum()),
        unit="units",
        late=float(late["late"].sum()),
        money=money,
        code="T1",
        options=(options.leaving(plan.network, late, "share what there is, and agree on later dates"),),
    )


def _thin(plan: Plan, rows: pd.DataFrame) -> Case:
    """Stock below its safety stock at one supplier or resource, while no unit is late yet."""
    back = rows["back"].max() if rows["back"].notna().all() else None
    until = "" if back is None else f" until {day(back)}"
    wanted = rows[["product", "period", "late"]].rename(columns={"late": "more"})
    actions = [
        *options.rushed(plan.network, wanted, plan.notice),
        *options.planned_higher(plan.rescued, wanted, plan.feasible.hours, plan.notice),
    ]
    units, safety = float(rows["late"].sum()), float(rows["safety"].sum())
    said = f"{_and(rows['family'])} from {rows['at'].iloc[0]}: {short(units)} of {short(safety)} units of safety stock "
    return Case(
        kind="thin stock",
        tier=tier_of(critical=bool(rows["is_critical"].any()), service=True),
        what=_sentence([f"{said}are missing from {day(rows['period'].min())} on{until}, and no promise is late"]),
        place=str(rows["at"].iloc[0]),
        families=tuple(sorted(rows["family"].unique())),
        period=rows["period"].min(),
        size=units,
        unit="units",
        late=0.0,
        money=UNKNOWN,
        code="T2",
        options=_few(actions, options.unpriced(f"run the risk{until}")),
    )


# words


def _few(actions: list[Option], leaving: Option) -> tuple[Option, ...]:
    """At most three; leaving things as they are is one of them where there is room."""
    return (*actions, leaving)[:MOST_OPTIONS]


def _late_words(plan: Plan, late: pd.DataFrame) -> Iterator[str]:
    if late.empty:
        return
    units, first = float(late["late"].sum()), late["period"].min()
    yield f"{short(units)} units of {_and(late['family'])} are late from {day(first)} on"
    stays = plan.feasible.unrescued
    left = min(units, float(stays.loc[stays["product"].isin(late["product"]), "late"].sum()))
    if left > TOO_FEW * units:
        yield f"{short(left)} of them stay late while the plan is followed"


def _stock_words(plan: Plan, late: pd.DataFrame) -> Iterator[str]:
    thin = thin_stock(plan)
    own = thin[thin["product"].isin(late["product"])]
    if len(own):
        yield f"{short(float(own['late'].sum()))} units of their safety stock are missing in {day(own['period'].min())}"


def _sentence(parts: list[str]) -> str:
    return "; ".join(parts) + "."


def _and(names: pd.Series) -> str:
    return ", ".join(sorted(names.astype(str).unique()))


def _when(rows: pd.DataFrame) -> str:
    return ", ".join(day(period) for period in sorted(rows["period"].unique()))
