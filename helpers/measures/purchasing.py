"""Purchasing: why lines were rushed, how often the same ones are, and how suppliers keep their lead times.

Glossary
    settled     received (where receipts were not sent: first due); a line still open belongs to no interval yet
    rushed      a settled line that was expedited or whose date was changed after ordering
    cause code  the first reason that fits a rushed line: unneeded, short_notice, pulled_in, supplier_late,
                short_quantity, unknown
    own causes  the codes that only we can cause: unneeded, short_notice, pulled_in
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pandas as pd

from helpers import periods
from helpers.engagement import Engagement, once
from helpers.measures.compensation import compensation
from helpers.measures.forecast import published
from helpers.measures.intervals import in_intervals
from helpers.measures.items import unit_values
from helpers.measures.joins import beside
from helpers.measures.redating import counted_once

CODES = ("unneeded", "short_notice", "pulled_in", "supplier_late", "short_quantity", "unknown")
OWN_CAUSES = CODES[:3]
SHORT_NOTICE = 0.9
SHORT_LEAD = 0.6
WINDOW = 6
LINE = ("purchase_order_id", "line_id")
CELL = ("label", "family", "supplier_id")
LEAD_TIME = "purchase_orders.planned_lead_time_days | suppliers.planned_lead_time_days"


@once
def settled_lines(engagement: Engagement) -> ir.Table:
    """Purchase order lines in the interval in which they settled, with what was known of them when it closed.

    Returns
    -------
    One row per line: the columns of `purchase_orders`; `family`, `value` (currency, at the price paid, else at unit
    value); `settled_on`, `label`, `ends_on`, `position`; `planned_days` (planned lead time); `is_expedited`,
    `is_early` (received by the first agreed date); `changes`, `is_pulled_in`, `is_pushed_out`, `changed_on` (the first
    change); `is_rushed`.
    """
    orders = _with_masters(engagement)
    received = engagement.has("purchase_orders.received_on")
    settled = orders.received_on if received else ibis.greatest(orders.due_on, orders.ordered_on)
    dated = orders.mutate(settled_on=settled)
    lines = _with_changes(engagement, in_intervals(engagement, dated.filter(dated.settled_on.notnull()), "settled_on"))
    known = lines.expedited_on.isnull() | (lines.expedited_on <= lines.ends_on)
    judged = lines.mutate(
        is_expedited=lines.expedited.fill_null(False) & known,
        is_early=lines.settled_on <= lines.due_on,
    )
    rescheduled = judged.reschedules.fill_null(0) >= 1
    rushed = judged.is_expedited | judged.is_pulled_in | judged.is_pushed_out | rescheduled
    return engagement.hold(judged.mutate(is_rushed=rushed))


def _with_masters(engagement: Engagement) -> ir.Table:
    orders = engagement.table("purchase_orders")
    suppliers = engagement.table("suppliers").select("supplier_id", supplier_days=ibis._.planned_lead_time_days)
    valued = orders.inner_join(unit_values(engagement).rename(unit_value="value"), "item_id")
    joined = beside(valued, suppliers, ["supplier_id"])
    return joined.mutate(
        planned_days=ibis.coalesce(joined.planned_lead_time_days, joined.supplier_days).nullif(0.0),
        value=joined.ordered_quantity * ibis.coalesce(joined.unit_price, joined.unit_value),
    )


def _with_changes(engagement: Engagement, lines: ir.Table) -> ir.Table:
    """The change log of each line up to the end of its interval; without a log, the rescheduled date stands for it."""
    if not engagement.has("purchase_order_changes"):
        moved = lines.rescheduled_due_on
        return lines.mutate(
            changes=moved.notnull().cast("int64"),
            is_pulled_in=(moved < lines.due_on).fill_null(False),
            is_pushed_out=(moved > lines.due_on).fill_null(False),
            changed_on=ibis.null("timestamp(6)"),
            wanted_on=moved,
        )
    log = counted_once(engagement)
    ends = lines.select(*LINE, "ends_on")
    seen = log.inner_join(ends, list(LINE)).filter(lambda t: t.changed_on < t.ends_on)
    ours = ~seen.function.lower().re_search("supplier|vendor").fill_null(False)
    pulled = (seen.new_due_on < seen.old_due_on) & ours
    of_line = seen.group_by(*LINE).aggregate(
        changes=seen.count(),
        is_pulled_in=pulled.any(),
        is_pushed_out=(seen.new_due_on > seen.old_due_on).any(),
        changed_on=seen.changed_on.min(),
        wanted_on=seen.new_due_on.min(where=pulled),
    )
    joined = beside(lines, of_line, LINE)
    return joined.mutate(
        changes=joined.changes.fill_null(0),
        is_pulled_in=joined.is_pulled_in.fill_null(False),
        is_pushed_out=joined.is_pushed_out.fill_null(False),
    )


def coded_lines(engagement: Engagement) -> ir.Table:
    """`settled_lines` with the `code` of each rushed line (missing on the others); the first reason that fits.

    A code is evaluated only where its columns exist: `unneeded` needs stock, safety stock and a forecast of the item,
    `short_notice` a need date and a planned lead time.
    """
    lines = settled_lines(engagement)
    if engagement.has("inventory_snapshots.safety_stock", "forecast_snapshots", "purchase_orders.needed_on"):
        lines = _with_unneeded(engagement, lines)
    else:
        lines = lines.mutate(is_unneeded=ibis.literal(False))
    notice = lines.needed_on.delta(lines.ordered_on, unit="day")
    late = lines.settled_on > lines.due_on if engagement.has("purchase_orders.received_on") else ibis.literal(False)
    reason = ibis.cases(
        (lines.is_unneeded, "unneeded"),
        ((notice < SHORT_NOTICE * lines.planned_days).fill_null(False), "short_notice"),
        (lines.is_pulled_in, "pulled_in"),
        (late | lines.is_pushed_out, "supplier_late"),
        ((lines.received_quantity < lines.ordered_quantity).fill_null(False), "short_quantity"),
        else_="unknown",
    )
    return lines.mutate(code=ibis.ifelse(lines.is_rushed, reason, ibis.null("string")))


def _with_unneeded(engagement: Engagement, lines: ir.Table) -> ir.Table:
    """Whether the item's stock would have stayed at its safety stock at the need date without the line.

    Seen from the day the line was rushed: the last closed stock, plus open lines due before the need, minus the
    forecast until then. Counted over all locations of the item.
    """
    rushed = lines.filter(lines.is_rushed)
    rushed = rushed.select(
        *LINE,
        "item_id",
        decided_on=ibis.coalesce(
            ibis.ifelse(rushed.is_expedited, rushed.expedited_on, ibis.null("timestamp(6)")),
            rushed.changed_on,
            rushed.ordered_on,
        ),
        wanted_on=ibis.coalesce(ibis.least(rushed.wanted_on, rushed.needed_on), rushed.needed_on, rushed.due_on),
    )
    opened = periods.bucket_of(rushed.decided_on, engagement.settings.bucket)
    rushed = engagement.hold(rushed.filter(rushed.wanted_on.notnull()).mutate(opened=opened))
    stock = _stock_when(engagement, rushed)
    need = _forecast_until(engagement, rushed)
    coming = _due_before(engagement, rushed)
    known = beside(stock.inner_join(need, list(LINE)), coming, LINE)
    unneeded = known.filter(known.on_hand + known.coming.fill_null(0.0) - known.need >= known.safety_stock)
    marked = unneeded.select(*LINE).mutate(is_unneeded=ibis.literal(True))
    joined = beside(lines, marked, LINE)
    return joined.mutate(is_unneeded=joined.is_unneeded.fill_null(False))


def _stock_when(engagement: Engagement, rushed: ir.Table) -> ir.Table:
    stock = engagement.table("inventory_snapshots")
    closed = stock.mutate(opened=periods.bucket_end(stock.period, engagement.settings.bucket))
    closed = closed.semi_join(rushed, ["item_id", "opened"])
    of_item = closed.group_by("item_id", "opened").aggregate(
        on_hand=closed.on_hand.sum(), safety_stock=closed.safety_stock.sum()
    )
    return rushed.inner_join(of_item, ["item_id", "opened"]).select(*LINE, "on_hand", "safety_stock")


def _forecast_until(engagement: Engagement, rushed: ir.Table) -> ir.Table:
    """The forecast published in the bucket of the decision, from that day to the need date; part periods by days."""
    forecast = published(engagement).rename(opened="cycle").semi_join(rushed, ["item_id", "opened"])
    of_item = forecast.group_by("item_id", "period", "opened").aggregate(quantity=forecast.quantity.sum())
    cells = rushed.inner_join(of_item, ["item_id", "opened"])
    ends = periods.bucket_end(cells.period, engagement.settings.bucket)
    overlap = ibis.least(ends, cells.wanted_on).delta(ibis.greatest(cells.period, cells.decided_on), unit="day")
    share = ibis.greatest(overlap, 0) / ends.delta(cells.period, unit="day")
    return cells.group_by(*LINE).aggregate(need=(cells.quantity * share).sum())


def _due_before(engagement: Engagement, rushed: ir.Table) -> ir.Table:
    orders = engagement.table("purchase_orders")
    others = orders.select(
        "item_id",
        "ordered_on",
        "due_on",
        "received_on",
        "ordered_quantity",
        other_order=orders.purchase_order_id,
        other_line=orders.line_id,
    )
    pairs = rushed.inner_join(others, "item_id")
    itself = (pairs.other_order == pairs.purchase_order_id) & (pairs.other_line == pairs.line_id)
    is_open = pairs.received_on.isnull() | (pairs.received_on > pairs.decided_on)
    open_then = pairs.filter(~itself, pairs.ordered_on <= pairs.decided_on, is_open, pairs.due_on <= pairs.wanted_on)
    return open_then.group_by(*LINE).aggregate(coming=open_then.ordered_quantity.sum())


@once
def rush_counts(engagement: Engagement) -> pd.DataFrame:
    """What settled, and why it was rushed.

    Returns
    -------
    One row per `label`, `family`, `supplier_id`: counts of lines `lines`, `rushed`, one column per cause code,
    `expedited`, `expedited_early` (expedited and received by the first agreed date), `short_lead` (ordered with less
    than 0.6 of the planned lead time) of `with_lead_time`, `changes`, `redated` (changed at all), `flips` (pulled in
    and out); money `value`, `own_value` (lines of our own causes) and `premium` (over the standard price on rushed
    lines, plus expedite costs).
    """
    lines = coded_lines(engagement)
    paid_over = (lines.unit_price - lines.standard_price).fill_null(0.0) * lines.ordered_quantity
    agreed_days = lines.due_on.delta(lines.ordered_on, unit="day")
    counts = lines.group_by(*CELL).aggregate(
        lines=lines.count(),
        rushed=lines.is_rushed.sum(),
        **{code: (lines.code == code).sum() for code in CODES},
        expedited=lines.is_expedited.sum(),
        expedited_early=(lines.is_expedited & lines.is_early).sum(),
        short_lead=(agreed_days < SHORT_LEAD * lines.planned_days).sum(),
        with_lead_time=lines.planned_days.notnull().sum(),
        changes=lines.changes.sum(),
        redated=(lines.changes > 0).sum(),
        flips=(lines.is_pulled_in & lines.is_pushed_out).sum(),
        value=lines.value.sum(),
        own_value=lines.value.sum(where=lines.code.isin(OWN_CAUSES)),
        premium=ibis.greatest(paid_over, 0.0).sum(where=lines.is_rushed)
        + lines.expedite_cost.sum(where=lines.is_expedited).fill_null(0.0),
    )
    frame = engagement.frame(counts)
    numbers = frame.columns.difference(list(CELL))
    return frame.assign(**frame[numbers].astype(float).fillna(0.0))


def by_label(counts: pd.DataFrame, engagement: Engagement) -> pd.DataFrame:
    """`rush_counts` added up to one row per closed label from the first one with lines on, and `known_on`."""
    totals = counts.drop(columns=["family", "supplier_id"]).groupby("label").sum()
    labels = engagement.calendar.labels
    labels = labels[labels >= totals.index.min()] if len(totals) else labels[:0]
    rows = totals.reindex(labels, fill_value=0.0).rename_axis("label").reset_index()
    return rows.assign(known_on=engagement.calendar.known_on(rows["label"], "fact"))


def pooled(rows: pd.DataFrame, columns: list[str], enough: float = 30.0, most: int = 3) -> pd.DataFrame:
    """Counts of thin labels added to those of the labels before, up to three in all, until `lines` is enough.

    Parameters
    ----------
    rows
        One row per label, ascending, with `lines` and the counts in `columns`.

    Returns
    -------
    `rows` with `lines` and `columns` replaced and `pooled`, the number of labels added up.
    """
    result = rows.assign(pooled=1)
    for steps in range(2, most + 1):
        thin = result["lines"] < enough
        sums = rows[["lines", *columns]].rolling(steps, min_periods=steps).sum()
        fits = thin & sums["lines"].notna()
        result.loc[fits, ["lines", *columns]] = sums.loc[fits]
        result.loc[fits, "pooled"] = steps
    return result


def own_cause_share(rows: pd.DataFrame, unknown_at_most: float = 0.30) -> pd.Series:
    """Lines rushed for our own causes over all lines.

    Missing without lines, and where more than 30 % of the rushed lines have no known cause.
    """
    own = rows[list(OWN_CAUSES)].sum(axis=1)
    unclear = rows["unknown"] > unknown_at_most * rows["rushed"]
    return (own / rows["lines"].where(rows["lines"] > 0)).mask(unclear & (rows["rushed"] > 0))


def without_call_offs(counts: pd.DataFrame, window: int = 12) -> pd.DataFrame:
    """`rush_counts` without suppliers whose orders are short by design.

    A supplier with more than half of its lines of the trailing `window` labels under 0.6 of the planned lead time has
    call-offs under contract, or a wrong planned lead time: no evidence of haste. Judged label by label.
    """
    short, all_lines = (
        counts.pivot_table(values=name, index="label", columns="supplier_id", aggfunc="sum", fill_value=0.0)
        .rolling(window, min_periods=1)
        .sum()
        for name in ("short_lead", "with_lead_time")
    )
    named = (short > 0.5 * all_lines).melt(ignore_index=False, value_name="call_off").reset_index()
    judged = counts.merge(named, on=["label", "supplier_id"], validate="many_to_one")
    return judged[~judged["call_off"].astype(bool)].drop(columns="call_off")


def booked_premiums(engagement: Engagement) -> pd.DataFrame:
    """Compensation paid to buy in a hurry, one row per `label`, `kind`, `supplier_id`: `amount` (currency).

    Premium purchases, and expedite freight where a supplier is named (the other freight is outbound).
    """
    spent = compensation(engagement, "kind", "supplier_id")
    inbound = (spent["kind"] == "expedite_freight") & spent["supplier_id"].notna()
    return spent[(spent["kind"] == "premium_purchase") | inbound]


def top_supplier_share(counts: pd.DataFrame, column: str) -> float:
    """Share of the largest supplier in `column`; missing where the total is 0."""
    by_supplier = counts.groupby("supplier_id")[column].sum()
    return float(by_supplier.max() / by_supplier.sum()) if by_supplier.sum() > 0 else float("nan")


@once
def lead_times(engagement: Engagement, by: str = "supplier_id") -> pd.DataFrame:
    """Receipts by label and `by` (`supplier_id` or `family`), against the planned lead time.

    Returns
    -------
    One row per `label` and `by`: `receipts`, `ratio_sum` and `ratio_squares` of realised over planned lead time, `late`
    (received after the first agreed date), `known_on`. Lines without a planned lead time or receipt are out.
    """
    lines = settled_lines(engagement).filter(lambda t: t.received_on.notnull() & t.planned_days.notnull())
    ratio = lines.received_on.delta(lines.ordered_on, unit="day") / lines.planned_days
    sums = lines.group_by("label", by).aggregate(
        receipts=lines.count(), ratio_sum=ratio.sum(), ratio_squares=(ratio * ratio).sum(), late=(~lines.is_early).sum()
    )
    frame = engagement.frame(sums).astype({"receipts": float, "late": float})
    return frame.assign(known_on=engagement.calendar.known_on(frame["label"], "fact"))


def agreed_times(engagement: Engagement) -> pd.DataFrame:
    """As `lead_times` by family, of agreed lead times, where receipts were not sent; `late` is missing."""
    lines = settled_lines(engagement).filter(lambda t: t.planned_days.notnull())
    ratio = lines.due_on.delta(lines.ordered_on, unit="day") / lines.planned_days
    sums = lines.group_by("label", "family").aggregate(
        receipts=lines.count(), ratio_sum=ratio.sum(), ratio_squares=(ratio * ratio).sum()
    )
    return engagement.frame(sums).astype({"receipts": float}).assign(late=float("nan"))


def slowest_tenth(engagement: Engagement, labels: int = 12, fewest: int = 12) -> pd.DataFrame:
    """Realised over planned lead time that nine of ten receipts of the last twelve labels kept: `ratio`.

    Returns
    -------
    One row per `label` (the last seven) and `family` with at least twelve receipts; 1.25 = a quarter longer than
    planned.
    """
    last = len(engagement.calendar.labels) - 1
    lines = settled_lines(engagement).filter(lambda t: t.received_on.notnull() & t.planned_days.notnull())
    recent = lines.filter(lines.position > last - labels - WINDOW)
    ratio = recent.received_on.delta(recent.ordered_on, unit="day") / recent.planned_days
    ahead = ibis.memtable(pd.DataFrame({"ahead": range(labels)}))
    windows = recent.select("family", "position", ratio=ratio).cross_join(ahead)
    placed = windows.mutate(at=windows.position + windows.ahead).filter(lambda t: t.at.between(last - WINDOW, last))
    sums = placed.group_by("at", "family").aggregate(receipts=placed.count(), ratio=placed.ratio.quantile(0.9))
    frame = engagement.frame(sums)
    enough = frame[frame["receipts"] >= fewest]
    named = enough.assign(label=enough["at"].map(pd.Series(engagement.calendar.labels)))
    return named[["label", "family", "ratio"]].reset_index(drop=True)
