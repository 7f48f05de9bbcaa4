"""What can be done about work without hours and units without supply, at which price and until when."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from helpers.charts.numbers import day, number, short
from helpers.scenarios.cases import UNKNOWN, Notice, Option
from helpers.scenarios.network import Network
from helpers.scenarios.outcome import SMALLEST


def build_ahead(network: Network, rows: pd.DataFrame, notice: Notice) -> Iterator[Option]:
    """Making in earlier hours that are free and not frozen, the latest first; the price is what the units cost to hold.

    Parameters
    ----------
    rows
        Periods of one resource that lack hours, from `Feasibility.hours`.
    """
    resource = rows["resource"].iloc[0]
    free = free_hours(network, resource, notice)
    place = {period: position for position, period in enumerate(network.periods)}
    taken: dict[pd.Timestamp, float] = {}
    price = 0.0
    for period, missing in rows.sort_values("period")[["period", "missing"]].itertuples(index=False):
        held, left = _to_hold_an_hour(network, resource, period), missing
        for earlier in sorted((p for p in free.index if p < period), reverse=True):
            hours = min(left, free[earlier] - taken.get(earlier, 0.0))
            if hours > SMALLEST:
                taken[earlier] = taken.get(earlier, 0.0) + hours
                price += hours * held * (place[period] - place[earlier])
                left -= hours
    if taken:
        of = f"{number(sum(taken.values()), 'hours')} of {short(float(rows['missing'].sum()))}"
        where = ", ".join(day(period) for period in sorted(taken))
        yield Option(f"build ahead {of} in free time of {where}", price, notice.change(min(taken)))


def free_hours(network: Network, resource: str, notice: Notice) -> pd.Series:
    """Standard hours of a resource that the plan leaves free, by period that is not frozen; overtime aside."""
    own = network.hours[network.hours["resource"] == resource].set_index("period")
    used = _work(network, resource).groupby("period")["work"].sum()
    offered = of_resource(network, resource, "rated") * (own["regular"] + own["agreed"])
    free = offered.sub(used, fill_value=0.0).clip(lower=0.0)
    return free[[not notice.is_frozen(period) for period in free.index]]


def of_resource(network: Network, resource: str, column: str) -> float:
    """A column of `Network.resources` for one resource."""
    resources = network.resources
    return float(resources.loc[resources["resource"] == resource, column].iloc[0])


def _work(network: Network, resource: str) -> pd.DataFrame:
    """The plan of a resource: `product`, `period`, `quantity`, `hours` a unit and `work` in all."""
    steps = network.steps[network.steps["resource"] == resource].merge(network.routes[["route", "product"]], on="route")
    rows = network.plan.merge(steps, on="route", validate="many_to_one")
    return rows.assign(work=rows["quantity"] * rows["hours"])


def _to_hold_an_hour(network: Network, resource: str, period: pd.Timestamp) -> float:
    """What it costs to keep for a period what an hour of a period's plan makes (currency)."""
    rows = _work(network, resource).query("period == @period")
    carrying = rows["product"].map(network.products.set_index("product")["carrying"])
    return float((rows["quantity"] * carrying).sum() / rows["work"].sum())


def overtime(rows: pd.DataFrame, rescue: pd.DataFrame, notice: Notice, *, is_late: bool) -> Iterator[Option]:
    """Hours added: where units are late what keeps the promises, else what the whole plan asks for.

    Parameters
    ----------
    rows
        Periods of one resource that lack hours, from `Feasibility.hours`.
    rescue
        From `Feasibility.rescue`.
    """
    bought = rescue[(rescue["kind"] == "overtime") & (rescue["at"] == rows["resource"].iloc[0])]
    if is_late and len(bought):
        said = f"{number(float(bought['quantity'].sum()), 'hours')} of overtime, which keep the promises"
        yield Option(said, float(bought["amount"].sum()), notice.change(bought["period"].min()))
    elif rows["price"].sum() > 0:
        beyond = float(rows["beyond"].sum())
        rest = f", {number(beyond, 'hours')} stay missing" if beyond > SMALLEST else ""
        yield Option(
            f"overtime for the whole plan{rest}", float(rows["price"].sum()), notice.change(rows["period"].min())
        )


def cut(
    network: Network, rows: pd.DataFrame, first: tuple[str, ...], spared: set[str], notice: Notice
) -> Iterator[Option]:
    """Cutting a family that is named first, hour by hour of its plan; the price is its margin."""
    products = network.products.set_index("product")
    work = _work(network, rows["resource"].iloc[0])
    family = work["product"].map(products["family"])
    named = work[family.isin(first) & ~family.isin(spared) & work["period"].isin(rows["period"])]
    if named["work"].sum() <= 0:
        return
    margin = (products["price"] - products["cost"]).reindex(named["product"]).to_numpy()
    share = min(1.0, float(rows["missing"].sum() / named["work"].sum()))
    said = f"cut {', '.join(sorted(family[named.index].unique()))} by {number(share * named['work'].sum(), 'hours')}"
    yield Option(said, share * float((named["quantity"] * margin).sum()), notice.change(rows["period"].min()))


def rushed(network: Network, late: pd.DataFrame, notice: Notice) -> Iterator[Option]:
    """Buying in a rush what a rushed order still brings in time; the price is what a rushed unit costs more.

    Parameters
    ----------
    late
        Units wanted: `product`, `period`, `late`.
    """
    place = pd.Series(range(len(network.periods)), index=network.periods)
    sources = network.sources[network.sources["is_rush"].astype(bool)]
    rows = late.merge(sources, on="product")
    rows = rows[rows["period"].map(place) >= rows["lead"]].sort_values("extra").drop_duplicates(["product", "period"])
    if rows.empty:
        return
    units = rows[["late", "most"]].min(axis=1)
    by = min(notice.order(*pair) for pair in rows[["period", "lead"]].itertuples(index=False))
    of = "" if units.sum() >= late["late"].sum() - SMALLEST else f" of {short(float(late['late'].sum()))}"
    yield Option(f"buy {short(float(units.sum()))}{of} units in a rush", float((units * rows["extra"]).sum()), by)


def planned_higher(network: Network, late: pd.DataFrame, notice: Notice) -> Iterator[Option]:
    """Planning what is missing: in hours that are free, else in overtime at its price.

    Parameters
    ----------
    late
        Units wanted of made products: `product`, `period`, `late`.
    """
    rows = late.merge(network.routes, on="product").drop_duplicates(["product", "period"])
    rows = rows.merge(network.steps, on="route").assign(work=lambda r: r["late"] * r["hours"])
    if rows.empty:
        return
    price = extra = 0.0
    for name, own in rows.groupby("resource"):
        resource = str(name)
        free = free_hours(network, resource, notice)
        within = float(free[free.index <= own["period"].max()].sum())
        missing = max(0.0, float(own["work"].sum()) - within)
        extra += missing
        price += missing * of_resource(network, resource, "rate") / of_resource(network, resource, "rated")
    where = "in free hours" if extra <= SMALLEST else f"with {number(extra, 'hours')} of overtime"
    said = f"plan {short(float(late['late'].sum()))} units more {where}"
    yield Option(said, price, notice.change(late["period"].min()))


def rescue_price(network: Network) -> pd.Series:
    """What the cheapest rescue of a unit costs, by product: overtime of its route or a rushed purchase (currency).

    Missing where the network knows neither.
    """
    resources = network.resources.set_index("resource")
    rate: pd.Series = resources["rate"] / resources["rated"]
    steps = network.steps.assign(price=network.steps["hours"] * network.steps["resource"].map(rate))
    made = network.routes.assign(price=network.routes["route"].map(steps.groupby("route")["price"].sum()))
    bought = network.sources[network.sources["is_rush"].astype(bool)].rename(columns={"extra": "price"})
    both = pd.concat([made[["product", "price"]], bought[["product", "price"]]]).groupby("product")["price"].min()
    return both.reindex(network.products["product"]).astype(float)


def waiting(money: float, said: str = "leave it: the units stay late") -> Option:
    """Doing nothing: it costs what is at stake, missing where that is not known."""
    return Option(said, money)


def unpriced(said: str) -> Option:
    """An option whose price cannot be told from the data."""
    return Option(said, UNKNOWN)
