"""Service: order lines on time and in full, and how many of them were only because somebody rescued them."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pandas as pd

from helpers.engagement import Engagement, once
from helpers.measures.demand import demand
from helpers.measures.intervals import in_intervals
from helpers.measures.items import unit_values

DAY = ibis.interval(days=1)


@once
def judged_lines(engagement: Engagement) -> ir.Table:
    """Order lines by the interval of their due date, one row per line whose outcome was known when the interval closed.

    Due is the first promise, or the requested date where there is none or the settings say so, plus the tolerance. Open
    past due is late. A delivered line without a quantity is left out; without that column on time alone counts.

    Returns
    -------
    `label`, `item_id`, `family`, `customer_segment`, `location_id`, and as 0 or 1: `kept` (on time in full),
    `rescued` (kept and expedited), `unaided` (kept also without the days an expedite saved; an expedite of unknown
    saving is not held against it). `slack`: days from delivery to the due date, missing where not delivered.
    """
    settings = engagement.settings.otif
    lines = engagement.table("order_lines")
    due = (
        lines.requested_on if settings.against == "requested" else ibis.coalesce(lines.promised_on, lines.requested_on)
    )
    dated = in_intervals(engagement, lines.mutate(due=due + ibis.interval(days=settings.tolerance_days)), "due")
    dated = dated.filter(dated.ordered_on < dated.ends_on)
    on_time = ((dated.delivered_on < dated.due + DAY) & (dated.delivered_on < dated.ends_on)).fill_null(False)
    in_full = dated.delivered_quantity >= dated.ordered_quantity * (1 - settings.tolerance_quantity)
    if not engagement.has("order_lines.delivered_quantity"):
        in_full = ibis.literal(True)
    kept = ibis.ifelse(on_time, in_full, False)
    slack = dated.due.delta(dated.delivered_on, unit="day")
    judged = dated.mutate(
        kept=kept,
        slack=slack,
        rescued=kept & dated.expedited.fill_null(False),
        unaided=kept & (dated.days_saved.fill_null(0) <= slack).fill_null(True),
    )
    items = engagement.table("items").select("item_id", "family")
    known = judged.filter(judged.kept.notnull()).left_join(items, "item_id")
    rows = known.select(
        "label",
        "item_id",
        "family",
        "customer_segment",
        "location_id",
        "slack",
        kept=known.kept.cast("int"),
        rescued=known.rescued.cast("int"),
        unaided=known.unaided.cast("int"),
    )
    return engagement.hold(rows)


@once
def service(engagement: Engagement, *dimensions: str) -> pd.DataFrame:
    """Counts of order lines, one row per `label` and `dimensions`.

    Returns
    -------
    `lines`, `kept` (on time in full), `rescued` (kept and expedited), `unaided` (kept without the days saved), all
    counts.
    """
    lines = judged_lines(engagement)
    counts = lines.group_by("label", *dimensions).aggregate(
        lines=lines.count(), kept=lines.kept.sum(), rescued=lines.rescued.sum(), unaided=lines.unaided.sum()
    )
    return engagement.frame(counts)


def otif(engagement: Engagement) -> pd.DataFrame:
    """Share of order lines delivered on time in full, one row per `label`: `otif` (0 to 1) and `lines`.

    Labels in which no line was due have no row.
    """
    counts = service(engagement)
    return counts.assign(otif=counts["kept"] / counts["lines"])[["label", "otif", "lines"]]


def propped_service(engagement: Engagement) -> pd.DataFrame:
    """OTIF beside what it would have been without rescues, one row per `label`.

    Returns
    -------
    `lines`, `kept`, `rescued`, `otif`, `propped_gap` (OTIF less OTIF without the days saved), `propped_gap_most`
    (OTIF less the lines kept without any expedite), `expedited_share` (expedited among kept lines; missing without
    kept lines). An accounting bound, not a causal effect.
    """
    counts = service(engagement)
    kept = counts["kept"].where(counts["kept"] > 0)
    return counts.assign(
        otif=counts["kept"] / counts["lines"],
        propped_gap=(counts["kept"] - counts["unaided"]) / counts["lines"],
        propped_gap_most=counts["rescued"] / counts["lines"],
        expedited_share=counts["rescued"] / kept,
    )


def backorder_service(engagement: Engagement) -> pd.DataFrame:
    """Service without order lines: 1 − backorders ÷ demand at unit value, one row per `label`: `otif`, `lines` (nodes).

    Stock at the end of the last bucket of an interval against the demand of that bucket; missing where demand is 0.
    """
    values = unit_values(engagement).select("item_id", "value")
    stock = engagement.table("inventory_snapshots").inner_join(values, "item_id")
    wanted = demand(engagement).inner_join(values, "item_id")
    owed = in_intervals(engagement, stock, "period")
    asked = in_intervals(engagement, wanted, "period")
    owed_rows = engagement.frame(
        owed.group_by("label", "period").aggregate(owed=(owed.backorders * owed.value).sum(), lines=owed.count())
    )
    asked_rows = engagement.frame(
        asked.group_by("label", "period").aggregate(asked=(asked.quantity * asked.value).sum())
    )
    closing = owed_rows.merge(asked_rows, on=["label", "period"], validate="one_to_one").groupby("label").tail(1)
    share = closing["owed"] / closing["asked"].where(closing["asked"] > 0)
    return closing.assign(otif=(1 - share).clip(lower=0.0))[["label", "otif", "lines"]].reset_index(drop=True)
