"""What a planner asks of an extract before believing it: whether the tables speak of the same time and things.

Each question is a small function of the engagement: it answers in one sentence and says whether that is doubtful.
One whose tables cannot be used is not answered: nothing is not zero.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from helpers import contract
from helpers.doubts import DOUBTED
from helpers.engagement import Engagement
from helpers.periods import shift
from helpers.report.data_quality.periods import covered
from helpers.report.rejected import clipped
from helpers.request.meanings import EXTRACTOR, STEWARDS

Said = tuple[str, bool]
OLD_DAYS = 90
NAMED = 5
BY_FAMILY = ("compensation_costs", "financials", "function_plans", "decisions")
OUTCOMES = (
    "order_lines.delivered_on",
    "purchase_orders.received_on",
    "production_orders.actual_start",
    "production_orders.actual_finish",
)
LOGGED = ("forecast_changes", "order_lines", "schedule_changes", "purchase_orders")


@dataclass(frozen=True)
class Question:
    """A question, what it needs, who can say more when the answer is doubtful, and how it is answered."""

    words: str
    needs: tuple[str, ...]
    who: str
    ask: Callable[[Engagement], Said]


@dataclass(frozen=True)
class Answer:
    """The answer to a question; `said` is empty where `missing` cannot be used."""

    words: str
    said: str
    is_doubtful: bool
    who: str
    missing: tuple[str, ...] = ()


def answers(engagement: Engagement) -> list[Answer]:
    """All questions in order: doubtful answers first, those that cannot be given last."""
    given = [_answer(engagement, question) for question in QUESTIONS]
    return sorted(given, key=lambda answer: (bool(answer.missing), not answer.is_doubtful))


def _answer(engagement: Engagement, question: Question) -> Answer:
    missing = engagement.missing(*question.needs)
    said, is_doubtful = ("", False) if missing else question.ask(engagement)
    return Answer(question.words, said, is_doubtful, question.who, missing)


def ends_together(engagement: Engagement) -> Said:
    """Whether the tables that close a period end in the same one: later periods lack the others' evidence."""
    closing = {table.name for table in contract.TABLES if table.closes_period}
    ends = {line.table: line.last.date() for line in covered(engagement) if line.table in closing}
    if not ends:
        return "No table that closes a period was sent.", False
    last = max(ends.values())
    early = [f"{name} with {day}" for name, day in ends.items() if day < last]
    return (
        (f"The last period is {last}; {', '.join(early)} ends before it.", True)
        if early
        else (
            f"Yes, with the period {last}: {', '.join(ends)}.",
            False,
        )
    )


def ends_by_now(engagement: Engagement) -> Said:
    """Whether what was ordered or changed lies before the end of the extract: a later day is a slip or a test."""
    lasts = {line.table: line.last for line in covered(engagement) if line.table in LOGGED}
    late = [f"{name} reaches {last.date()}" for name, last in lasts.items() if last > engagement.as_of]
    end = engagement.as_of.date()
    return (f"The extract ends with {end}; {', '.join(late)}.", True) if late else (f"Yes, up to {end}.", False)


def happened_by_now(engagement: Engagement) -> Said:
    """Whether what was delivered, received and made lies before the extract ends, the bucket under way included.

    A later day is a plan or a placeholder: it is not known yet, so that the line counts as open.
    """
    sent = [name for name in OUTCOMES if engagement.has(name)]
    found = [said for name in sent if (said := _ahead(engagement, name))]
    if not sent:
        return "No table that says what happened was sent.", False
    return (f"{'; '.join(found)}: they count as open.", True) if found else (f"Yes: {', '.join(sent)}.", False)


def _ahead(engagement: Engagement, name: str) -> str:
    table, _, column = name.partition(".")
    days = engagement.standing(table)[column]
    is_ahead = _lies_ahead(engagement, days)
    counted = days.as_table().aggregate(rows=is_ahead.sum().fill_null(0), last=days.max())
    row = engagement.frame(counted).iloc[0]
    many = f"{int(row['rows']):,} row{'' if row['rows'] == 1 else 's'}"
    return f"{name} lies after the end of the extract in {many}, up to {row['last'].date()}" if row["rows"] else ""


def looks_kept(engagement: Engagement) -> Said:
    """Whether snapshots, promises and buffers look as if they were kept: what does not counts as not sent."""
    if told := "; ".join(engagement.doubts.values()):
        return f"No: {told}. Until then this counts as not sent.", True
    sent = [name for name in DOUBTED if engagement.has(name)]
    return f"Yes: {', '.join(sent)}." if sent else "No history that could be overwritten was sent.", False


def demand_without_stock(engagement: Engagement) -> Said:
    """Items that are asked for and never counted."""
    return _without(engagement, _asked_for(engagement), engagement.standing("inventory_snapshots"), "item_id")


def demand_without_forecast(engagement: Engagement) -> Said:
    """Items that are asked for and never forecast."""
    return _without(engagement, _asked_for(engagement), engagement.standing("forecast_snapshots"), "item_id")


def forecast_without_demand(engagement: Engagement) -> Said:
    """Items that are forecast and never asked for."""
    forecast = engagement.standing("forecast_snapshots")
    return _without(engagement, forecast, _asked_for(engagement), "item_id")


def suppliers_unknown(engagement: Engagement) -> Said:
    """Suppliers that are ordered from and do not stand in their own table."""
    orders = engagement.standing("purchase_orders")
    return _without(engagement, orders, engagement.standing("suppliers"), "supplier_id")


def families_unknown(engagement: Engagement) -> Said:
    """Families of plans and money that no item is of: a misspelling, or a total among its parts."""
    known = engagement.standing("items").select("family").distinct()
    sent = [name for name in BY_FAMILY if engagement.has(f"{name}.family")]
    found = [said for name in sent if (said := _other_families(engagement, name, known))]
    return ("; ".join(found) + ".", True) if found else (f"Yes, in {', '.join(sent)}.", False)


def _other_families(engagement: Engagement, name: str, known: ir.Table) -> str:
    rows = engagement.standing(name)
    named = rows.filter(rows.family.notnull()).anti_join(known, "family")
    counted = engagement.frame(named.group_by("family").aggregate(rows=ibis._.count()))
    if counted.empty:
        return ""
    many = int(counted["rows"].sum())
    held = f"{many:,} row{'' if many == 1 else 's'}"
    return f"{name}.family: {_named(counted['family'].tolist())} in {held}, which no item is of"


def resources_unknown(engagement: Engagement) -> Said:
    """Resources that work and have no hours."""
    orders = engagement.standing("production_orders")
    return _without(engagement, orders, engagement.standing("capacity"), "resource_id")


def unpromised(engagement: Engagement) -> Said:
    """Order lines without a first promise are judged by the date the customer asked for."""
    rows = engagement.standing("order_lines")
    return _share(engagement, rows, rows.promised_on.isnull(), "order lines have no promised_on", 0.05)


def undelivered(engagement: Engagement) -> Said:
    """Order lines that were due long ago and still count as open, and so as failed."""
    rows = engagement.standing("order_lines")
    due = ibis.coalesce(rows.promised_on, rows.requested_on)
    open_ = _is_open(engagement, rows.delivered_on) & (due < _long_ago(engagement))
    return _share(engagement, rows, open_, f"order lines were due more than {OLD_DAYS} days ago and are open", 0.01)


def unreceived(engagement: Engagement) -> Said:
    """Purchase order lines that were due long ago and still count as open."""
    rows = engagement.standing("purchase_orders")
    open_ = _is_open(engagement, rows.received_on) & (rows.due_on < _long_ago(engagement))
    return _share(engagement, rows, open_, f"purchase lines were due more than {OLD_DAYS} days ago and are open", 0.01)


QUESTIONS = (
    Question("Do the tables that close a period end together?", ("items",), EXTRACTOR, ends_together),
    Question(
        "Were all orders and changes made before the extract ends?", (" | ".join(LOGGED),), EXTRACTOR, ends_by_now
    ),
    Question("Had all that is told of happened when the extract ends?", ("items",), EXTRACTOR, happened_by_now),
    Question("Do histories look as they were at the time?", ("items",), EXTRACTOR, looks_kept),
    Question(
        "Do all items with demand have a row of stock?",
        ("actual_demand | order_lines", "inventory_snapshots"),
        STEWARDS["inventory_snapshots"],
        demand_without_stock,
    ),
    Question(
        "Do all items with demand have a forecast?",
        ("actual_demand | order_lines", "forecast_snapshots"),
        STEWARDS["forecast_snapshots"],
        demand_without_forecast,
    ),
    Question(
        "Do all items with a forecast have demand?",
        ("forecast_snapshots", "actual_demand | order_lines"),
        STEWARDS["forecast_snapshots"],
        forecast_without_demand,
    ),
    Question("Does every order line have a first promise?", ("order_lines",), STEWARDS["order_lines"], unpromised),
    Question("Are delivered orders closed?", ("order_lines.delivered_on",), STEWARDS["order_lines"], undelivered),
    Question(
        "Are received purchase orders closed?",
        ("purchase_orders.received_on",),
        STEWARDS["purchase_orders"],
        unreceived,
    ),
    Question(
        "Is every supplier that is ordered from known?",
        ("purchase_orders", "suppliers"),
        STEWARDS["suppliers"],
        suppliers_unknown,
    ),
    Question(
        "Is every family one of the table items?",
        (" | ".join(f"{name}.family" for name in BY_FAMILY),),
        STEWARDS["items"],
        families_unknown,
    ),
    Question(
        "Does every resource that works have hours?",
        ("production_orders", "capacity"),
        STEWARDS["capacity"],
        resources_unknown,
    ),
)


def _asked_for(engagement: Engagement) -> ir.Table:
    return engagement.standing("actual_demand" if engagement.has("actual_demand") else "order_lines")


def _lies_ahead(engagement: Engagement, days: ir.TimestampColumn) -> ir.BooleanColumn:
    """Later than the bucket in which the extract ends."""
    return days >= ibis.timestamp(str(shift(engagement.as_of, engagement.settings.bucket, 1)))


def _is_open(engagement: Engagement, days: ir.TimestampColumn) -> ir.BooleanColumn:
    return days.isnull() | _lies_ahead(engagement, days)


def _long_ago(engagement: Engagement) -> ir.TimestampValue:
    return ibis.timestamp(str(engagement.as_of)) - ibis.interval(days=OLD_DAYS)


def _without(engagement: Engagement, these: ir.Table, those: ir.Table, key: str) -> Said:
    """The keys of `these` that `those` do not have."""
    keys = these.filter(these[key].notnull()).select(key).distinct()
    total = len(engagement.frame(keys))
    lost = engagement.frame(keys.anti_join(those, key))[key].tolist()
    if not lost:
        return f"Yes, all {total:,}.", False
    return f"Not so for {len(lost):,} of {total:,}: {_named(lost)}.", True


def _named(names: list[object]) -> str:
    """The first names, and how many more there are."""
    shown = ", ".join(clipped(str(name), 24) for name in names[:NAMED])
    return f"{shown} and {len(names) - NAMED:,} more" if len(names) > NAMED else shown


def _share(engagement: Engagement, rows: ir.Table, holds: ir.BooleanValue, words: str, tolerated: float) -> Said:
    counted = engagement.frame(rows.aggregate(n=rows.count(), found=holds.sum().fill_null(0))).iloc[0]
    found, total = int(counted["found"]), int(counted["n"])
    if not found:
        return f"Yes, in all {total:,} lines.", False
    return f"{found:,} of {total:,} {words} ({found / total:.1%}).", found / total > tolerated
