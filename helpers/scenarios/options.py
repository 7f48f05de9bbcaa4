"""What can be done about work without hours and units without supply, at which price and until when."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from helpers.charts.numbers import day, number, short
from helpers.scenarios.cases import UNKNOWN, Notice, Option
from helpers.scenarios.network import Network
from helpers.scenarios.outcome import SMALLEST, is_felt, whole_sum


def build_ahead(network: Network, rescued: Network, rows: pd.DataFrame, notice: Notice) -> Iterator[Option]:
    """Making in earlier hours that are free and not frozen, the latest first; the price is what the units cost to hold.

    Parameters
    ----------
    rescued
        The network with what is made once every promise is rescued: what catches up there has taken its hours.
    rows
        Periods of one resource that lack hours, from `Feasibility.hours`.
    """
    resource = str(rows["resource"].iloc[0])
    ahead = _built_ahead(rescued, rows, notice)
    if ahead.empty:
        return
    place = pd.Series(range(len(network.periods)), index=network.periods)
    held = ahead["period"].map({period: _to_hold_an_hour(network, resource, period) for period in rows["period"]})
    kept = ahead["hours"] * held * (ahead["period"].map(place) - ahead["at"].map(place))
    of = f"{number(float(ahead['hours'].sum()), 'hours')} of {short(float(rows['missing'].sum()))}"
    where = ", ".join(day(period) for period in sorted(ahead["at"].unique()))
    yield Option(f"build ahead {of} in free time of {where}", whole_sum(kept), notice.change(ahead["at"].min()))


def _built_ahead(network: Network, rows: pd.DataFrame, notice: Notice) -> pd.DataFrame:
    """What of the hours that one resource lacks finds room in earlier periods; see `_placed`."""
    free = free_hours(network, str(rows["resource"].iloc[0]), notice)
    return _placed(rows.set_index("period")["missing"], free, ahead_only=True)


def _placed(wanted: pd.Series, free: pd.Series, *, ahead_only: bool = False) -> pd.DataFrame:
    """Hours wanted by a period where hours are free until then, the latest first: `period`, `at`, `hours`.

    Parameters
    ----------
    wanted, free
        Hours by period.
    ahead_only
        Whether the period itself is left out.
    """
    left, rows = free.copy(), []
    for period, hours in wanted.sort_index().items():
        until = left[left.index < period] if ahead_only else left[left.index <= period]
        latest = until.sort_index(ascending=False)
        taken = latest.clip(upper=(hours - latest.cumsum().shift(fill_value=0.0)).clip(lower=0.0))
        left = left.sub(taken, fill_value=0.0)
        rows += [(period, at, amount) for at, amount in taken.items() if amount > SMALLEST]
    return pd.DataFrame(rows, columns=["period", "at", "hours"])


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
    carrying = rows["product"].map(network.values["carrying"])
    return whole_sum(rows["quantity"] * carrying) / float(rows["work"].sum())


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
        yield Option(said, whole_sum(bought["amount"]), notice.change(bought["period"].min()))
    elif rows["price"].sum() > 0:
        rest = _still_missing(float(rows["beyond"].sum()), float(rows["missing"].sum()))
        yield Option(
            f"overtime for the whole plan{rest}", float(rows["price"].sum()), notice.change(rows["period"].min())
        )


def _still_missing(hours: float, of: float) -> str:
    return f", leaving {number(hours, 'hours')} missing" if is_felt(hours, of) else ""


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
    margin = network.values["margin"].reindex(named["product"]).to_numpy()
    share = min(1.0, float(rows["missing"].sum() / named["work"].sum()))
    said = f"cut {', '.join(sorted(family[named.index].unique()))} by {number(share * named['work'].sum(), 'hours')}"
    yield Option(said, share * whole_sum(named["quantity"] * margin), notice.change(rows["period"].min()))


def rushed(network: Network, wanted: pd.DataFrame, notice: Notice) -> Iterator[Option]:
    """Buying in a rush what a rushed order still brings in time; the price is what a rushed unit costs more.

    Parameters
    ----------
    wanted
        Units of further supply: `product`, `period`, `more`.
    """
    place = pd.Series(range(len(network.periods)), index=network.periods)
    sources = network.sources[network.sources["is_rush"].astype(bool)]
    rows = wanted[wanted["more"] > 0].merge(sources, on="product")
    rows = rows[rows["period"].map(place) >= rows["lead"]].sort_values("extra").drop_duplicates(["product", "period"])
    if rows.empty:
        return
    units, asked = rows[["more", "most"]].min(axis=1), float(wanted["more"].sum())
    by = min(notice.order(*pair) for pair in rows[["period", "lead"]].itertuples(index=False))
    of = f" of {short(asked)}" if is_felt(asked - units.sum(), asked) else ""
    yield Option(f"buy {short(float(units.sum()))}{of} units in a rush", float((units * rows["extra"]).sum()), by)


def planned_higher(network: Network, wanted: pd.DataFrame, missing: pd.DataFrame, notice: Notice) -> Iterator[Option]:
    """Planning what is missing: in hours that are free, else in overtime; the price is overtime and what is made early.

    Parameters
    ----------
    network
        `rescued` as for `build_ahead`.
    wanted
        Units of further supply of made products: `product`, `period`, `more`.
    missing
        `Feasibility.hours`: what the plan lacks already has the first claim on free hours and overtime.
    """
    rows = wanted[wanted["more"] > 0].merge(network.routes, on="product").drop_duplicates(["product", "period"])
    rows = rows.merge(network.steps, on="route").assign(work=lambda r: r["more"] * r["hours"])
    if rows.empty:
        return
    worked = {name: _worked(network, str(name), own, missing, notice) for name, own in rows.groupby("resource")}
    work = rows.groupby("resource")["work"].sum()
    share = min(float(found["hours"].sum()) / work[name] for name, found in worked.items())
    placed = pd.concat(worked.values(), ignore_index=True)
    if not is_felt(share, 1.0):
        return
    extra = float(placed.loc[placed["is_overtime"], "hours"].sum())
    where = f" with {number(extra, 'hours')} of overtime" if is_felt(extra, float(work.sum())) else " in free hours"
    asked = float(rows.drop_duplicates(["product", "period"])["more"].sum())
    units = f"{short(share * asked)} of {short(asked)}" if is_felt(1.0 - share, 1.0) else short(asked)
    yield Option(f"plan {units} units more{where}", whole_sum(placed["price"]), notice.change(placed["at"].min()))


def _worked(network: Network, resource: str, own: pd.DataFrame, missing: pd.DataFrame, notice: Notice) -> pd.DataFrame:
    """Where further work finds hours on one resource: `period`, `at`, `hours`, `is_overtime`, `price` (currency)."""
    wanted, lacks = own.groupby("period")["work"].sum(), missing[missing["resource"] == resource]
    free, extra = free_hours(network, resource, notice), _overtime_left(network, resource, notice)
    if len(lacks):
        ahead = _built_ahead(network, lacks, notice)
        free = free.sub(ahead.groupby("at")["hours"].sum(), fill_value=0.0)
        lacking = lacks.set_index("period")["missing"].sub(ahead.groupby("period")["hours"].sum(), fill_value=0.0)
        extra = extra.sub(lacking.reindex(extra.index), fill_value=0.0).clip(lower=0.0)
    in_free = _placed(wanted, free)
    rest = wanted.sub(in_free.groupby("period")["hours"].sum(), fill_value=0.0)
    parts = [in_free.assign(is_overtime=False), _placed(rest, extra).assign(is_overtime=True)]
    placed = pd.concat(parts, ignore_index=True).astype({"is_overtime": bool})
    rate, rated = (of_resource(network, resource, name) for name in ("rate", "rated"))
    paid = (placed["hours"] * (rate / rated if rate > 0 else UNKNOWN)).where(placed["is_overtime"], 0.0)
    place = pd.Series(range(len(network.periods)), index=network.periods)
    early = placed["period"].map(place) - placed["at"].map(place)
    carrying = own["more"] * own["product"].map(network.values["carrying"])
    held = carrying.groupby(own["period"]).agg(whole_sum) / wanted
    kept = (placed["hours"] * placed["period"].map(held) * early).where(early > 0, 0.0)
    return placed.assign(price=paid.astype(float) + kept.astype(float))


def _overtime_left(network: Network, resource: str, notice: Notice) -> pd.Series:
    """Standard hours that overtime beyond the agreed can add on a resource, by period that is not frozen."""
    own = network.hours[network.hours["resource"] == resource].set_index("period")
    left = of_resource(network, resource, "rated") * own["overtime"]
    return left[[not notice.is_frozen(period) for period in left.index]]


def rescue_price(network: Network) -> pd.Series:
    """What the cheapest rescue of a unit costs, by product: overtime of its route or a rushed purchase (currency).

    Missing where the network knows neither.
    """
    resources = network.resources.set_index("resource")
    rate: pd.Series = resources["rate"].where(resources["rate"] > 0) / resources["rated"]
    steps = network.steps.assign(price=network.steps["hours"] * network.steps["resource"].map(rate))
    made = network.routes.assign(price=network.routes["route"].map(steps.groupby("route")["price"].agg(whole_sum)))
    bought = network.sources[network.sources["is_rush"].astype(bool)].rename(columns={"extra": "price"})
    both = pd.concat([made[["product", "price"]], bought[["product", "price"]]]).groupby("product")["price"].min()
    return both.reindex(network.products["product"]).astype(float)


def leaving(network: Network, late: pd.DataFrame, said: str = "leave it") -> Option:
    """Doing nothing: customers wait, so that it costs the margin of what they still wait for when the plan ends.

    Where everything comes late nobody can tell from the data what that costs.

    Parameters
    ----------
    late
        Units late: `product`, `late`, `left`, `comes` (see `feasible.newly_late`).
    """
    units, left = float(late["late"].sum()), float(late["left"].sum())
    by, end = day(late["comes"].max()), day(network.periods[-1])
    if not is_felt(left, units):
        return unpriced(f"{said}: all of them come late, by {by}; what lateness costs is not in the data")
    rest = f", the others come late, by {by}" if is_felt(units - left, units) else ""
    never = f"{short(left)} of {short(units)} units are still not delivered at the end of {end}{rest}"
    return Option(f"{said}: {never}", whole_sum(late["left"] * late["product"].map(network.values["margin"])))


def unpriced(said: str) -> Option:
    """An option whose price cannot be told from the data."""
    return Option(said, UNKNOWN)
