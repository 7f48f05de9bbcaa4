"""Situations T1 to T8 in which a plan must trade one good for another, found in the data, by interval and family.

Glossary
    cell     an interval and a family; a situation occurs in it or not
    answer   how the situation was settled there, where the data tell: the same answer each time is a rule in use

Every frame holds closed intervals only, the last twelve at least, as known when they closed: `label`, `family`,
`occurs`, `answer` (missing where the data do not tell), `ruled` (the rows behind it name a rule) and `cost` (currency;
missing where none is recorded).
Eight situations and their thresholds are the kit's own defaults by judgement.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from helpers import periods
from helpers.engagement import Engagement
from helpers.measures import feasibility, plans
from helpers.measures.demand import NEEDS as DEMAND
from helpers.measures.demand import family_demand
from helpers.measures.forecast import item_revisions
from helpers.measures.intervals import in_intervals
from helpers.measures.items import unit_values
from helpers.measures.joins import beside
from helpers.settings import Situation as Code

CELL = ["label", "family"]
COLUMNS = [*CELL, "occurs", "answer", "ruled", "cost"]
FEWEST_CUSTOMERS = 2
REAL_CHANGE = 0.05
BUFFER_RAISED = 1.01
EXPEDITED_WITHIN = 2
PLANS_APART, NOISE_PART = 0.10, 1.5
DAY = ibis.interval(days=1)
RECENT = 12


@dataclass(frozen=True)
class Situation:
    """One of the eight: its code, what it asks, the columns without which it cannot be seen, and where it occurs."""

    code: Code
    title: str
    needs: tuple[str, ...]
    cells: Callable[[Engagement], pd.DataFrame]


def _frame(cells: pd.DataFrame) -> pd.DataFrame:
    """`cells` with all columns: what is not said is missing, and no rule is named."""
    defaults = {"occurs": True, "answer": None, "ruled": False, "cost": np.nan}
    missing = {name: value for name, value in defaults.items() if name not in cells}
    return cells.assign(**missing)[COLUMNS].dropna(subset=["family"]).reset_index(drop=True)


def _lately(engagement: Engagement, rows: ir.Table, dated_by: str) -> ir.Table:
    """`rows` in the closed intervals that are looked at and those that these lean on."""
    dated = in_intervals(engagement, rows, dated_by)
    return dated.filter(dated.position >= len(engagement.calendar.labels) - RECENT - EXPEDITED_WITHIN - 1)


def _with_family(engagement: Engagement, rows: ir.Table) -> ir.Table:
    masters = engagement.table("items").select("item_id", "family", list_price="unit_price", master_cost="unit_cost")
    return beside(rows, masters, ["item_id"])


# T1: who gets the little there is


def shared_shortages(engagement: Engagement) -> pd.DataFrame:
    """T1: an item late for two customers at least in one interval; where customers are not known, in backorder.

    The answer is the segment served soonest after its due date.
    """
    if not engagement.has("order_lines.delivered_on", "order_lines.customer_id | order_lines.customer_segment"):
        stock = _lately(engagement, engagement.table("inventory_snapshots"), "period")
        owed = _with_family(engagement, stock.filter(stock.backorders > 0))
        return _frame(engagement.frame(owed.select(*CELL).distinct()))
    lines = _due_lines(engagement)
    who = lines.customer_id if engagement.has("order_lines.customer_id") else lines.customer_segment
    counted = lines.mutate(waiting=ibis.ifelse(lines.late, who, ibis.null("string")))
    by_item = counted.group_by("label", "item_id").aggregate(customers=counted.waiting.nunique())
    short = by_item.filter(by_item.customers >= FEWEST_CUSTOMERS)
    shared = lines.semi_join(short, ["label", "item_id"])
    delays = engagement.frame(shared.group_by(*CELL, "customer_segment").aggregate(delay=shared.delay.mean()))
    soonest = delays.dropna().sort_values([*CELL, "delay", "customer_segment"])
    several = soonest.groupby(CELL)["customer_segment"].transform("size") > 1
    answers = soonest[several].drop_duplicates(CELL).rename(columns={"customer_segment": "answer"})
    return _frame(delays[CELL].drop_duplicates().merge(answers[[*CELL, "answer"]], on=CELL, how="left"))


def _due_lines(engagement: Engagement) -> ir.Table:
    """Order lines by the interval in which they were due: `late`, and `delay` in days as far as the interval goes."""
    otif, lines = engagement.settings.otif, engagement.table("order_lines")
    promised = lines.requested_on if otif.against == "requested" else lines.promised_on
    due = ibis.coalesce(promised, lines.requested_on) + ibis.interval(days=otif.tolerance_days)
    dated = _lately(engagement, lines.mutate(due=due), "due")
    seen = dated.filter(dated.ordered_on < dated.ends_on)
    until = ibis.least(ibis.coalesce(seen.delivered_on, seen.ends_on), seen.ends_on)
    late = (until >= seen.due + DAY) | (until == seen.ends_on)
    return _with_family(engagement, seen.mutate(late=late, delay=until.delta(seen.due, unit="day")))


# T2, T8: expediting


def _rescued_lines(engagement: Engagement) -> list[ir.Table]:
    """Lines of customers and of suppliers by the interval in which their expediting was known.

    `label`, `bucket`, `item_id`, `location_id`, `family`, `expedited`, `expedite_cost`, `margin` (currency, of the
    line).
    """
    found = []
    if engagement.has("order_lines.expedited | order_lines.expedite_cost"):
        lines = engagement.table("order_lines")
        settled = lines.delivered_on if engagement.has("order_lines.delivered_on") else lines.requested_on
        found.append((lines.mutate(settled=settled), True))
    if engagement.has("purchase_orders.expedited | purchase_orders.expedite_cost"):
        lines = engagement.table("purchase_orders")
        dated = engagement.has("purchase_orders.expedited_on | purchase_orders.received_on")
        settled = ibis.coalesce(lines.expedited_on, lines.received_on) if dated else lines.due_on
        found.append((lines.mutate(settled=settled), False))
    return [_rescued(engagement, lines, sold=sold) for lines, sold in found]


def _rescued(engagement: Engagement, lines: ir.Table, *, sold: bool) -> ir.Table:
    known = _with_family(engagement, _lately(engagement, lines, "settled"))
    price = ibis.coalesce(known.unit_price, known.list_price) if sold else known.list_price
    return known.select(
        *("label", "bucket", "item_id", "location_id", "family", "expedite_cost"),
        expedited=known.expedited.fill_null(False) | (known.expedite_cost > 0).fill_null(False),
        margin=(price - known.master_cost) * known.ordered_quantity,
    )


def expedite_or_wait(engagement: Engagement) -> pd.DataFrame:
    """T2: a line is expedited for an item that had no stock when the bucket opened; the other lines of such items wait.

    At the line's own location where stock and lines share locations, else over all of them.
    """
    rows = [engagement.frame(_without_stock(engagement, lines)) for lines in _rescued_lines(engagement)]
    cells = pd.concat(rows).groupby(CELL)[["expedited", "cost"]].sum(min_count=1).reset_index()
    occurs = cells["expedited"] > 0
    return _frame(cells.assign(occurs=occurs, answer=np.where(occurs, "expedite", "wait")))


def _without_stock(engagement: Engagement, lines: ir.Table) -> ir.Table:
    stock = engagement.table("inventory_snapshots")
    places = [engagement.frame(t.select("location_id").distinct())["location_id"] for t in (stock, lines)]
    key = ["item_id", "location_id"] if set(places[0]) & set(places[1]) else ["item_id"]
    opened = stock.mutate(bucket=periods.bucket_end(stock.period, engagement.settings.bucket))
    empty = opened.group_by(*key, "bucket").having(opened.on_hand.sum() <= 0).aggregate(rows=opened.count())
    waiting = lines.semi_join(empty, [*key, "bucket"])
    return waiting.group_by(*CELL).aggregate(
        expedited=waiting.expedited.cast("int").sum(), cost=waiting.expedite_cost.sum(where=waiting.expedited)
    )


def costly_rescues(engagement: Engagement) -> pd.DataFrame:
    """T8: expediting a line costs more than the line earns, (unit price − unit cost) × quantity."""
    rows = []
    for lines in _rescued_lines(engagement):
        dear = lines.filter(lines.expedite_cost > lines.margin)
        rows.append(engagement.frame(dear.group_by(*CELL).aggregate(cost=dear.expedite_cost.sum())))
    return _frame(pd.concat(rows).groupby(CELL, as_index=False)[["cost"]].sum())


# T3: more work than hours


def overloads(engagement: Engagement) -> pd.DataFrame:
    """T3: work was approved on a resource whose hours it exceeds, over the next three periods."""
    work = feasibility.infeasible_work(engagement, rated=False).rename(columns={"cycle": "label"})
    return _frame(work.loc[work["infeasible"] > 0, CELL].drop_duplicates())


# T4, T5: stock


def stock_or_expedite(engagement: Engagement) -> pd.DataFrame:
    """T4: safety stock of a family is raised by more than 1 % at most two cycles after its purchases were expedited.

    Families that were expedited and whose safety stock was not raised are cells too: they chose to expedite again.
    """
    stock = in_intervals(engagement, engagement.table("inventory_snapshots"), "period").filter(ibis._.is_last)
    valued = stock.inner_join(unit_values(engagement), "item_id")
    held = valued.group_by(*CELL, "position").aggregate(safety=(valued.safety_stock * valued.value).sum())
    buffers = engagement.frame(held)
    orders = _rescued_lines(engagement)[-1]
    rushed = engagement.frame(orders.filter(orders.expedited).select(*CELL).distinct())
    at = engagement.calendar.position(rushed["label"])
    near = [rushed[["family"]].assign(position=at + later) for later in range(1, EXPEDITED_WITHIN + 1)]
    rows = buffers.sort_values([*CELL])
    raised = rows["safety"] > BUFFER_RAISED * rows.groupby("family")["safety"].shift()
    cells = rows.assign(occurs=raised).merge(pd.concat(near).drop_duplicates(), on=["family", "position"])
    return _frame(cells.assign(answer=np.where(cells["occurs"], "stock", "expedite")))


def misplaced_stock(engagement: Engagement) -> pd.DataFrame:
    """T5: an item is missing at one location while another could give a lot without touching its safety stock.

    Missing: no stock beyond backorders at the end of the interval. To give: what lies above safety stock and
    backorders; a lot at least, and no less than is owed.
    """
    stock = _lately(engagement, engagement.table("inventory_snapshots"), "period").filter(ibis._.is_last)
    lots = engagement.table("items").select("item_id", "family", "lot_size")
    rows = beside(stock, lots, ["item_id"])
    owed = rows.backorders.fill_null(0.0)
    free = ibis.greatest(rows.on_hand - owed - rows.safety_stock.fill_null(0.0), 0.0)
    missing = rows.on_hand - owed <= 0
    by_item = rows.group_by(*CELL, "item_id").aggregate(
        missing=missing.any(),
        wanted=ibis.greatest(owed.sum(where=missing), rows.lot_size.max().fill_null(0.0)),
        free=free.max(where=~missing),
    )
    torn = by_item.filter(by_item.missing, by_item.free > 0, by_item.free >= by_item.wanted)
    return _frame(engagement.frame(torn.select(*CELL).distinct()))


# T6, T7: the plan


def late_changes(engagement: Engagement) -> pd.DataFrame:
    """T6: the family's forecast inside the fence moves by more than 5 % between consecutive cycles, period by period.

    Ruled where rows with a rule hold at least half of the changed units.
    """
    near = moved_inside_fence(engagement)
    near = near.assign(net=near["net"].abs())
    cells = near.groupby(CELL, as_index=False)[["net", "earlier", "gross", "ruled"]].sum()
    cells = cells[cells["net"] > REAL_CHANGE * cells["earlier"]]
    return _frame(cells.assign(ruled=cells["ruled"] >= cells["gross"] / 2))


def moved_inside_fence(engagement: Engagement) -> pd.DataFrame:
    """What consecutive cycles changed of a family's forecast inside the fence, one row per `label`, `family`, `period`.

    Returns
    -------
    `net` (units, positive = raised), `earlier` (units, the forecast before), `gross` (units moved either way), `ruled`
    (those of them whose rows name a rule).
    """
    fence, bucket = engagement.settings.demand_fence, engagement.settings.bucket
    rows = item_revisions(engagement, fence, within=fence)
    moved = rows.quantity - rows.earlier
    sums = rows.group_by("cycle", "previous", "family", "period").aggregate(
        net=moved.sum(), earlier=rows.earlier.sum(), gross=moved.abs().sum(),
        ruled=moved.abs().sum(where=rows.rule_id.notnull()),
    )  # fmt: skip
    frame = engagement.frame(sums)
    steps = periods.lag(frame["previous"], frame["cycle"], bucket)
    near = frame[(steps <= steps.cummin()) & (periods.lag(frame["cycle"], frame["period"], bucket) < fence)]
    named = near.assign(ruled=near["ruled"].fillna(0.0)).rename(columns={"cycle": "label"})
    found: pd.DataFrame = named[[*CELL, "period", "net", "earlier", "gross", "ruled"]]
    return found


def operations_cuts(engagement: Engagement) -> pd.DataFrame:
    """T7: before the consensus Operations plans less than Sales, by more than forecast error makes indistinguishable.

    At least 10 % or one and a half times the error of the consensus. The answer: who yields, the one farther from the
    consensus.
    """
    settings, spoken = engagement.settings, plans.function_plans(engagement)
    consensus = plans.consensus_by_family(engagement, spoken)
    gaps = plans.relative_gaps(spoken, consensus, "operations", "sales", "before", settings.demand_fence)
    gaps = gaps[(gaps["gap"] >= PLANS_APART) & (gaps["log_ratio"] < 0)]
    noise = pd.DataFrame(columns=["cycle", "family", "sigma"])
    if engagement.has(DEMAND) and len(gaps):
        asked, cycles = family_demand(engagement), pd.DatetimeIndex(gaps["cycle"].unique())
        noise = plans.consensus_error(consensus, asked, cycles, settings.demand_fence, settings.bucket)
    noise = noise.astype({"cycle": gaps["cycle"].dtype})
    cells = gaps.merge(noise, on=["cycle", "family"], how="left", validate="one_to_one")
    apart = (NOISE_PART * cells["sigma"].astype(float)).fillna(0.0).clip(lower=PLANS_APART)
    cut = cells[cells["gap"] >= apart].rename(columns={"cycle": "label"})
    to_sales, to_operations = ((cut["consensus"] - cut[side]).abs() for side in ("second", "first"))
    yields = np.where(to_operations < to_sales, "sales", "operations")
    return _frame(cut.assign(answer=yields))


EXPEDITED = "order_lines.expedited | purchase_orders.expedited"
EXPEDITE_COST = "order_lines.expedite_cost | purchase_orders.expedite_cost"
CUSTOMERS = "order_lines.customer_id | order_lines.customer_segment | inventory_snapshots.backorders"
SITUATIONS = (
    Situation("T1", "A shortage shared between customers", (CUSTOMERS,), shared_shortages),
    Situation("T2", "Out of stock: expedite or wait", ("inventory_snapshots", EXPEDITED), expedite_or_wait),
    Situation("T3", "More work approved than there are hours", feasibility.NEEDS, overloads),
    Situation(
        "T4",
        "After expediting: more safety stock or expedite again",
        ("inventory_snapshots.safety_stock", "purchase_orders.expedited"),
        stock_or_expedite,
    ),
    Situation("T5", "Excess at one location, none at another", ("inventory_snapshots",), misplaced_stock),
    Situation("T6", "Demand changed inside the fence", ("forecast_snapshots",), late_changes),
    Situation("T7", "Operations plans less than Sales asks for", ("function_plans",), operations_cuts),
    Situation(
        "T8",
        "Expediting costs more than the line earns",
        ("items.unit_cost", "items.unit_price | order_lines.unit_price", EXPEDITE_COST),
        costly_rescues,
    ),
)
