"""The tables a client may send, declared as data: columns, types, units, rules, and when each cell became known.

Glossary
    row known on     the date from which a row may be used at all
    cell known on    the date from which an outcome column of a known row may be used
    needed           a column that counts as filled only if 80 % of its rows hold a value
    names            what a text holds: names of families, items, people …, words of the client's own, or free text
    sparse           a column that is rightly empty in most rows (a reason code, a reversal date)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

LARGEST = 1e15  # of a number: beyond it a double no longer tells one unit from the next
FIRST_YEAR, LAST_YEAR = 1950, 2100  # of a date: what lies outside stands for "none", or is a typing error

Type = Literal["text", "number", "count", "flag", "date", "bucket"]
How = Literal["always", "on", "after", "first", "latest", "inherit"]
# What a text holds: the name of a thing or a person, a word of the client's vocabulary, or free text; `title` is the
# name in full of what the row's key stands for. A copy that leaves the house replaces each in its own way.
Names = Literal[
    "family",
    "item",
    "resource",
    "supplier",
    "customer",
    "segment",
    "location",
    "order",
    "position",
    "rule",
    "assumption",
    "decision",
    "event",
    "subject",
    "title",
    "person",
    "function",
    "reason",
    "unit",
    "step",
    "kpi",
    "topic",
    "situation",
    "remark",
]


@dataclass(frozen=True)
class Known:
    """When something became known, from dates of its own row.

    `on` the first column; `after` the day after the bucket that starts on it ends; `first` the first of the columns
    that is filled; `latest` the greatest of the filled ones; `always`; `inherit` as the row.
    """

    how: How
    columns: tuple[str, ...] = ()


ALWAYS = Known("always")
AS_ROW = Known("inherit")


def on(column: str) -> Known:
    return Known("on", (column,))


def after(column: str) -> Known:
    return Known("after", (column,))


def first(*columns: str) -> Known:
    return Known("first", columns)


def latest(*columns: str) -> Known:
    return Known("latest", columns)


@dataclass(frozen=True)
class Column:
    """One column of the contract. `bucket` types are dates normalised to the first day of their bucket.

    `names` says what a text holds; it is missing for numbers, dates and texts with listed `choices`.
    """

    name: str
    type: Type = "text"
    required: bool = False
    unit: str = ""
    minimum: float | None = None
    above: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    default: str | None = None
    names: Names | None = None
    sparse: bool = False
    known: Known = AS_ROW


@dataclass(frozen=True)
class NotBefore:
    """A row is set aside when `later` lies before `earlier`; reported against the column `later`."""

    later: str
    earlier: str


@dataclass(frozen=True)
class Table:
    """One table: its grain in words, key, order rules, and when its rows became known.

    `is_fact` tables are evidence of what was planned or happened; one of them is enough to start beside `items`.
    `closes_period` tables name closed periods and so date the end of the extract.
    """

    name: str
    grain: str
    columns: tuple[Column, ...]
    known: Known
    key: tuple[str, ...] = ()
    order: tuple[NotBefore, ...] = ()
    is_fact: bool = True
    closes_period: bool = False

    def column(self, name: str) -> Column:
        """The declared column; `KeyError` when the contract has none of that name."""
        return next((c for c in self.columns if c.name == name), None) or _unknown(self.name, name)

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns if c.required)


def _unknown(table: str, column: str) -> Column:
    raise KeyError(f"{table}.{column} is not in the contract")


def text(name: str, names: Names, **more: object) -> Column:
    return Column(name, "text", names=names, **more)  # type: ignore[arg-type]


def code(name: str, choices: tuple[str, ...], **more: object) -> Column:
    return Column(name, "text", choices=choices, **more)  # type: ignore[arg-type]


def number(name: str, unit: str = "", **more: object) -> Column:
    return Column(name, "number", unit=unit, **{"minimum": 0.0, **more})  # type: ignore[arg-type]


def date(name: str, **more: object) -> Column:
    return Column(name, "date", **more)  # type: ignore[arg-type]


def bucket(name: str, **more: object) -> Column:
    return Column(name, "bucket", required=True, **more)  # type: ignore[arg-type]


def flag(name: str, **more: object) -> Column:
    return Column(name, "flag", **more)  # type: ignore[arg-type]


def need(column: Column) -> Column:
    """The same column, required once its table is there."""
    return Column(**{**column.__dict__, "required": True})


ITEM = need(text("item_id", "item"))
LOCATION = text("location_id", "location", default="all")
RULE = text("rule_id", "rule", sparse=True)
REASON = text("reason_code", "reason", sparse=True)

# An outcome is known on the date it happened; where that date is empty, when it was due to happen.
DELIVERY = first("delivered_on", "promised_on", "requested_on")
COMPLETION = first("actual_finish", "planned_finish", "planned_start")
RECEIPT = first("received_on", "due_on")
EXPEDITE = first("expedited_on", "received_on", "due_on")
DECISION = first("decided_on", "raised_on")
CLOSURE = latest("raised_on", "decided_on", "executed_on", "reversed_on")

TABLES: tuple[Table, ...] = (
    Table(
        "items",
        "an item",
        (
            ITEM,
            need(text("family", "family")),
            code("abc_class", ("A", "B", "C")),
            flag("is_critical"),
            number("unit_cost", "currency per unit"),
            number("unit_price", "currency per unit"),
            number("standard_hours_per_unit", "hours per unit"),
            text("primary_resource_id", "resource", sparse=True),
            text("supplier_id", "supplier", sparse=True),
            number("lot_size", "units"),
            number("service_target", "fraction", maximum=1.0),
            date("launch_date", sparse=True),
            date("end_date", sparse=True),
        ),
        known=ALWAYS,
        key=("item_id",),
        is_fact=False,
    ),
    Table(
        "forecast_snapshots",
        "what one stage forecast for one period, as published in one cycle",
        (
            bucket("cycle"),
            ITEM,
            LOCATION,
            bucket("period"),
            code("stage", ("statistical", "sales", "operations", "consensus"), default="consensus"),
            need(number("quantity", "units")),
            REASON,
            RULE,
        ),
        known=on("cycle"),
        key=("cycle", "item_id", "location_id", "period", "stage"),
        order=(NotBefore("period", "cycle"),),
    ),
    Table(
        "forecast_changes",
        "a logged change to the forecast",
        (
            need(date("changed_on")),
            Column("cycle", "bucket"),
            ITEM,
            bucket("period"),
            need(number("old_quantity", "units")),
            need(number("new_quantity", "units")),
            need(text("function", "function")),
            REASON,
            RULE,
            text("approved_by", "person", sparse=True),
        ),
        known=on("changed_on"),
    ),
    Table(
        "actual_demand",
        "the unconstrained demand of an item in a period",
        (
            bucket("period"),
            ITEM,
            LOCATION,
            need(number("quantity", "units")),
            number("stockout_days", "days"),
        ),
        known=after("period"),
        key=("period", "item_id", "location_id"),
        closes_period=True,
    ),
    Table(
        "order_lines",
        "a customer order line",
        (
            need(text("order_id", "order")),
            text("line_id", "position", default="1"),
            ITEM,
            LOCATION,
            text("customer_id", "customer"),
            text("customer_segment", "segment"),
            need(date("ordered_on")),
            need(date("requested_on")),
            date("promised_on"),
            date("delivered_on", sparse=True, known=on("delivered_on")),
            need(number("ordered_quantity", "units", minimum=None, above=0.0)),
            number("delivered_quantity", "units", sparse=True, known=DELIVERY),
            flag("expedited", sparse=True, known=DELIVERY),
            number("expedite_cost", "currency", sparse=True, known=DELIVERY),
            number("days_saved", "days", sparse=True, known=DELIVERY),
            number("unit_price", "currency per unit"),
        ),
        known=on("ordered_on"),
        key=("order_id", "line_id"),
        order=(NotBefore("delivered_on", "ordered_on"),),
    ),
    Table(
        "production_plan_snapshots",
        "what a published production plan held for an item on a resource in a period",
        (
            bucket("cycle"),
            need(text("resource_id", "resource")),
            ITEM,
            bucket("period"),
            need(number("quantity", "units")),
            number("hours", "hours"),
        ),
        known=on("cycle"),
        key=("cycle", "resource_id", "item_id", "period"),
        order=(NotBefore("period", "cycle"),),
    ),
    Table(
        "production_orders",
        "a production order, planned and done",
        (
            need(text("production_order_id", "order")),
            need(text("resource_id", "resource")),
            ITEM,
            need(date("planned_start")),
            date("planned_finish"),
            date("actual_start", sparse=True, known=on("actual_start")),
            date("actual_finish", sparse=True, known=on("actual_finish")),
            need(number("planned_quantity", "units")),
            number("actual_quantity", "units", sparse=True, known=COMPLETION),
            number("planned_sequence"),
            number("actual_sequence", sparse=True, known=COMPLETION),
            number("standard_hours", "hours"),
            number("actual_hours", "hours", sparse=True, known=COMPLETION),
            number("setup_hours", "hours", sparse=True, known=COMPLETION),
            number("queue_hours", "hours", sparse=True, known=COMPLETION),
            number("overtime_hours", "hours", sparse=True, known=COMPLETION),
        ),
        known=on("planned_start"),
        key=("production_order_id",),
        order=(NotBefore("actual_finish", "actual_start"),),
    ),
    Table(
        "resources",
        "a constrained resource",
        (
            need(text("resource_id", "resource")),
            text("name", "title"),
            code("kind", ("line", "labour", "supplier", "quality", "other")),
            flag("is_constraint"),
        ),
        known=ALWAYS,
        key=("resource_id",),
        is_fact=False,
    ),
    Table(
        "capacity",
        "the hours of a resource in a period",
        (
            need(text("resource_id", "resource")),
            bucket("period"),
            need(number("planned_hours", "hours")),
            number("planned_overtime_hours", "hours"),
            number("available_hours", "hours", known=after("period")),
        ),
        known=on("period"),
        key=("resource_id", "period"),
    ),
    Table(
        "schedule_changes",
        "a change to the released schedule",
        (
            need(date("changed_on")),
            need(text("resource_id", "resource")),
            text("production_order_id", "order", sparse=True),
            text("item_id", "item", sparse=True),
            need(code("change_type", ("sequence", "quantity", "date", "insert", "cancel"))),
            REASON,
            date("scheduled_start"),
        ),
        known=on("changed_on"),
    ),
    Table(
        "purchase_orders",
        "a purchase order line",
        (
            need(text("purchase_order_id", "order")),
            text("line_id", "position", default="1"),
            ITEM,
            need(text("supplier_id", "supplier")),
            LOCATION,
            need(date("ordered_on")),
            need(date("due_on")),
            date("needed_on"),
            number("planned_lead_time_days", "days"),
            date("rescheduled_due_on", sparse=True, known=RECEIPT),
            date("received_on", sparse=True, known=on("received_on")),
            need(number("ordered_quantity", "units")),
            number("received_quantity", "units", sparse=True, known=on("received_on")),
            number("unit_price", "currency per unit"),
            number("standard_price", "currency per unit"),
            flag("expedited", sparse=True, known=EXPEDITE),
            date("expedited_on", sparse=True, known=on("expedited_on")),
            number("expedite_cost", "currency", sparse=True, known=EXPEDITE),
            number("reschedules", "changes", sparse=True, known=RECEIPT),
        ),
        known=on("ordered_on"),
        key=("purchase_order_id", "line_id"),
        order=(NotBefore("received_on", "ordered_on"),),
    ),
    Table(
        "purchase_order_changes",
        "a logged change to the date of a purchase order line",
        (
            need(text("purchase_order_id", "order")),
            text("line_id", "position", default="1"),
            need(date("changed_on")),
            need(date("old_due_on")),
            need(date("new_due_on")),
            text("function", "function"),
        ),
        known=on("changed_on"),
    ),
    Table(
        "suppliers",
        "a supplier",
        (need(text("supplier_id", "supplier")), text("name", "title"), need(number("planned_lead_time_days", "days"))),
        known=ALWAYS,
        key=("supplier_id",),
        is_fact=False,
    ),
    Table(
        "inventory_snapshots",
        "the stock of an item at a location at the end of a period",
        (
            bucket("period"),
            ITEM,
            LOCATION,
            need(number("on_hand", "units")),
            number("safety_stock", "units"),
            number("backorders", "units"),
            number("on_order", "units"),
        ),
        known=after("period"),
        key=("period", "item_id", "location_id"),
        closes_period=True,
    ),
    Table(
        "compensation_costs",
        "money spent in a period to rescue the plan",
        (
            bucket("period"),
            need(
                code(
                    "kind",
                    (
                        "overtime",
                        "expedite_freight",
                        "premium_purchase",
                        "out_of_window_production",
                        "subcontracting",
                        "other",
                    ),
                )
            ),
            need(number("amount", "currency")),
            text("family", "family", sparse=True),
            text("item_id", "item", sparse=True),
            text("resource_id", "resource", sparse=True),
            text("supplier_id", "supplier", sparse=True),
        ),
        known=after("period"),
        closes_period=True,
    ),
    Table(
        "financials",
        "what the business earned in a period",
        (
            bucket("period"),
            text("family", "family", sparse=True),
            need(number("revenue", "currency", minimum=None)),
            number("cost_of_goods_sold", "currency", minimum=None),
            number("gross_margin", "currency", minimum=None),
        ),
        known=after("period"),
        closes_period=True,
    ),
    Table(
        "assumptions",
        "a version of an assumption the plan rests on",
        (
            need(text("assumption_id", "assumption")),
            need(code("area", ("demand", "capacity", "supplier", "yield", "transport", "other"))),
            text("description", "remark"),
            text("subject_id", "subject"),
            text("owner", "person"),
            need(number("planned_value", minimum=None)),
            text("unit", "unit"),
            flag("higher_is_worse"),
            need(date("set_on")),
            date("last_validated_on", sparse=True, known=on("last_validated_on")),
        ),
        known=on("set_on"),
        key=("assumption_id", "set_on"),
    ),
    Table(
        "assumption_actuals",
        "what an assumption turned out to be in a period",
        (need(text("assumption_id", "assumption")), bucket("period"), need(number("actual_value", minimum=None))),
        known=after("period"),
        key=("assumption_id", "period"),
    ),
    Table(
        "assumption_validations",
        "a time an assumption was checked",
        (need(text("assumption_id", "assumption")), need(date("validated_on")), text("by", "person")),
        known=on("validated_on"),
    ),
    Table(
        "decisions",
        "a decision or a trade-off raised",
        (
            need(text("decision_id", "decision")),
            bucket("cycle"),
            text("topic", "topic"),
            text("family", "family", sparse=True),
            code("trade_off", ("service", "margin", "capital", "mixed"), sparse=True),
            need(date("raised_on")),
            date("decided_on", sparse=True, known=on("decided_on")),
            text("owner", "person", sparse=True),
            code("forum", ("s_and_op", "escalation", "informal"), sparse=True, known=DECISION),
            text("rule_id", "rule", sparse=True, known=DECISION),
            number("options_considered", sparse=True, known=DECISION),
            code("status", ("decided", "deferred", "reversed", "open"), sparse=True, known=CLOSURE),
            date("due_on", sparse=True),
            flag("executed", sparse=True, known=CLOSURE),
            date("executed_on", sparse=True, known=on("executed_on")),
            date("reversed_on", sparse=True, known=on("reversed_on")),
            number("amount", "currency", minimum=None, sparse=True),
        ),
        known=on("raised_on"),
        key=("decision_id",),
        order=(NotBefore("decided_on", "raised_on"),),
    ),
    Table(
        "function_plans",
        "one function's own number for a family",
        (
            bucket("cycle"),
            need(text("function", "function")),
            need(text("family", "family")),
            bucket("period"),
            need(number("quantity", "units")),
            code("version", ("before", "after"), default="before"),
        ),
        known=on("cycle"),
        key=("cycle", "function", "family", "period", "version"),
        order=(NotBefore("period", "cycle"),),
    ),
    Table(
        "events",
        "something that happened to the business",
        (
            need(text("event_id", "event")),
            need(
                code(
                    "kind",
                    (
                        "promotion",
                        "launch",
                        "phase_out",
                        "supplier_failure",
                        "breakdown",
                        "strike",
                        "price",
                        "policy_change",
                        "other",
                    ),
                )
            ),
            need(date("starts_on")),
            date("ends_on", sparse=True),
            date("known_on", sparse=True),
            flag("exogenous"),
            text("subject_id", "subject", sparse=True),
        ),
        known=first("known_on", "starts_on"),
        key=("event_id",),
        order=(NotBefore("ends_on", "starts_on"),),
        is_fact=False,
    ),
    Table(
        "price_index",
        "inflation, to compare money between periods",
        (bucket("period"), need(number("index", minimum=None, above=0.0))),
        known=after("period"),
        key=("period",),
        is_fact=False,
    ),
    Table(
        "kpi_objectives",
        "what a function is measured on",
        (
            need(text("function", "function")),
            need(text("kpi", "kpi")),
            need(code("direction", ("maximise", "minimise"))),
            number("weight"),
        ),
        known=ALWAYS,
        key=("function", "kpi"),
        is_fact=False,
    ),
    Table(
        "decision_rules",
        "a trade-off rule in force",
        (
            need(text("rule_id", "rule")),
            text("situation", "situation"),
            text("priority_order", "remark"),
            text("owner", "person"),
            date("effective_from"),
        ),
        known=on("effective_from"),
        key=("rule_id",),
        is_fact=False,
    ),
    Table(
        "process_roles",
        "who does what in the cycle",
        (
            need(text("step", "step")),
            text("proposer", "person"),
            text("validator", "person"),
            text("approver", "person"),
            number("cadence_days", "days"),
        ),
        known=ALWAYS,
        key=("step",),
        is_fact=False,
    ),
    Table(
        "interview_answers",
        "one answer of the interview guide",
        (
            text("respondent_id", "person"),
            need(text("function", "function")),
            need(Column("sign", "count", minimum=1, maximum=10)),
            need(Column("score", "count", minimum=1, maximum=5)),
            text("comment", "remark", sparse=True),
        ),
        known=ALWAYS,
        is_fact=False,
    ),
)

BY_NAME: dict[str, Table] = {table.name: table for table in TABLES}


def table(name: str) -> Table:
    """The declared table; `KeyError` when the contract has none of that name."""
    if name not in BY_NAME:
        raise KeyError(f"{name} is not a table of the contract")
    return BY_NAME[name]
