"""The one door to the data: typed tables as Ibis expressions, seen as they were known on the as-of date.

Nothing above this room reads a file, and nothing above it can see what was not yet known, because rows and outcome
cells that became known later are not in the expressions it hands out.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cached_property, wraps
from itertools import count
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import ibis
import ibis.expr.types as ir
import pandas as pd

from helpers import contract, periods
from helpers.contract import Column, Known, Table
from helpers.doubts import doubts
from helpers.errors import Unusable
from helpers.manifest import Manifest
from helpers.memory import handed_out, question
from helpers.settings import Settings
from helpers.store import Store, open_folder

FILLED = 0.80
LONGEST_SILENCE = pd.Timedelta(days=731)
LONGEST_PAUSE = pd.Timedelta(days=200)  # half a year between two plans is slow, but heard of

PLAN_TABLES = ("forecast_snapshots", "production_plan_snapshots", "function_plans", "decisions")
FACT_DATES = {
    "actual_demand": "period",
    "inventory_snapshots": "period",
    "compensation_costs": "period",
    "financials": "period",
    "assumption_actuals": "period",
    "capacity": "period",
    "order_lines": "ordered_on",
    "purchase_orders": "ordered_on",
    "production_orders": "planned_start",
    "schedule_changes": "changed_on",
    "forecast_changes": "changed_on",
}
# Dates that may lie long before the extract: they open the calendar only where nothing else does.
LAST_RESORT = {
    "purchase_order_changes": "changed_on",
    "assumptions": "set_on",
    "assumption_validations": "validated_on",
}
ACTUAL_EVENTS = {
    "order_lines": ("ordered_on", "delivered_on"),
    "purchase_orders": ("ordered_on", "received_on"),
    "production_orders": ("actual_start", "actual_finish"),
    "schedule_changes": ("changed_on",),
    "forecast_changes": ("changed_on",),
    "purchase_order_changes": ("changed_on",),
    "assumption_actuals": ("period",),
}

P = ParamSpec("P")
R = TypeVar("R")


def once(measure: Callable[Concatenate[Engagement, P], R]) -> Callable[Concatenate[Engagement, P], R]:
    """Work `measure` out once an engagement; the result lives and dies with the engagement."""

    @wraps(measure)
    def remembered(engagement: Engagement, /, *args: P.args, **kwargs: P.kwargs) -> R:
        asked = (measure, question(args, kwargs))
        if asked not in engagement.kept:
            engagement.kept[asked] = measure(engagement, *args, **kwargs)
        found: R = engagement.kept[asked]
        return handed_out(found)

    return remembered


class Engagement:
    """A client's extract, opened as of a date.

    Parameters
    ----------
    store
        Where the typed tables are, or the folder of typed Parquet that the intake wrote.
    settings
        The client's settings.
    as_of
        The last date whose knowledge may be used; by default the end of the extract. A date inside a bucket means the
        first day of that bucket.

    Raises
    ------
    Unusable
        The store is empty, or no cycle lies on or before `as_of`.
    """

    def __init__(self, store: Store | Path, settings: Settings, as_of: date | None = None) -> None:
        self.settings = settings
        self._mark = f"_{as_of:%Y%m%d}" if as_of else ""  # engagements of several days may share one engine
        self._store = open_folder(store) if isinstance(store, Path) else store
        self._engine = self._store.engine
        self.manifest: Manifest = self._store.manifest
        self._stored: dict[str, ir.Table] = {}
        self._views: dict[str, ir.Table] = {}
        self._frames: dict[Any, pd.DataFrame] = {}
        self._held: dict[Any, ir.Table] = {}
        self._numbers = count()  # a name is never used twice, not even after a table that could not be made
        self.kept: dict[Any, Any] = {}
        end = self._end_of_extract()
        chosen = min(_floor(as_of, settings.bucket), end) if as_of else end
        whole = periods.make_calendar(self._plan_cycles(), self._first_fact(), end, settings.bucket)
        self.calendar = whole.until(chosen)
        if not len(self.calendar.cycles):
            raise Unusable(
                f"as of {chosen.date()}: no cycle on or before this date. The extract starts later; move --as-of."
            )
        self.as_of: pd.Timestamp = self.calendar.cycles[-1]

    def at(self, day: pd.Timestamp) -> Engagement:
        """The same extract as it was known on an earlier day, in the same engine."""
        return Engagement(self._store, self.settings, day.date())

    def table(self, name: str) -> ir.Table:
        """Table `name` as known on the as-of date: all columns of the contract; no rows when it was not sent.

        What counts as not sent (`doubts`) is missing: the rows of a table, the values of a column.
        """
        if name not in self._views:
            known = self._as_known(contract.table(name), self._open(name))
            # A view keeps every expression built on it small: compiling them is what a run spends most on.
            self._views[name] = self._engine.view(f"known_{name}{self._mark}", known)
        return self._views[name]

    def standing(self, name: str) -> ir.Table:
        """Table `name` as read, whatever the as-of date: only to describe the extract itself, and for a constant.

        A constant stands in for master data that were not sent. Like master data it is today's value applied
        to the past, so that a full run and an as-of run use the same one.
        """
        return self._open(name)

    @cached_property
    def doubts(self) -> dict[str, str]:
        """What was sent and counts as not sent, by `table` or `table.column`, with the reason."""
        return doubts(self._engine, self._is_sent, self._open)

    def has(self, *needs: str) -> bool:
        """Whether every `table`, `table.column` or alternative `a | b` was sent, filled, and can be believed.

        In the extract as read.
        """
        return not self.missing(*needs)

    def missing(self, *needs: str) -> tuple[str, ...]:
        """The needs that the extract as read does not meet; of alternatives the first is named."""
        return tuple(
            need.split("|")[0].strip()
            for need in needs
            if not any(self._is_usable(option.strip()) for option in need.split("|"))
        )

    def gutted(self, *needs: str) -> tuple[str, ...]:
        """The tables of the needs of which less than 80 % of the rows could be used, in the order of the needs.

        What was set aside may be just what is looked for: such a table can show a fault, but not that there is none.
        """
        tables = dict.fromkeys(option.split(".")[0].strip() for need in needs for option in need.split("|"))
        return tuple(name for name in tables if self._is_gutted(name))

    def frame(self, expression: ir.Table) -> pd.DataFrame:
        """The rows of a reduced expression as a pandas frame, ordered by its columns so that runs repeat.

        Signs ask for the same reductions, so each is run once; copy-on-write keeps one caller's changes from another's.
        """
        asked = expression.op()
        if asked not in self._frames:
            self._frames[asked] = self._run(expression)
        return self._frames[asked].copy(deep=False)

    def hold(self, rows: ir.Table) -> ir.Table:
        """`rows` worked out now and held in the engine, in a temporary table: what several measures build on.

        It also keeps the expressions above it small.
        """
        asked = rows.op()
        if asked not in self._held:
            self._held[asked] = self._engine.hold(f"held_{next(self._numbers)}{self._mark}", rows)
        return self._held[asked]

    def _run(self, expression: ir.Table) -> pd.DataFrame:
        result: pd.DataFrame = self._engine.frame(expression)
        dates = result.select_dtypes(include=["datetime", "datetimetz"]).columns
        result[dates] = result[dates].astype("datetime64[us]")
        if result.empty:  # pandas cannot merge text columns that hold no chunk at all, as DuckDB hands them over
            return pd.DataFrame({name: pd.Series([], dtype=dtype) for name, dtype in result.dtypes.items()})
        return result.sort_values(list(result.columns), ignore_index=True, kind="stable")

    @cached_property
    def critical_families(self) -> tuple[str, ...]:
        """Families named in the settings, else those of critical items; empty when nobody said."""
        if self.settings.critical_families:
            return self.settings.critical_families
        if not self.has("items.is_critical"):
            return ()
        items = self.table("items")
        return tuple(self.frame(items.filter(items.is_critical).select("family").distinct())["family"])

    @cached_property
    def critical_resources(self) -> tuple[str, ...]:
        """Resources the client plans as bottlenecks, else those named in the settings."""
        if not self.has("resources.is_constraint"):
            return self.settings.critical_resources
        resources = self.table("resources")
        return tuple(
            self.frame(resources.filter(resources.is_constraint).select("resource_id").distinct())["resource_id"]
        )

    def _open(self, name: str) -> ir.Table:
        if name not in self._stored:
            self._stored[name] = self._store.table(name)
        return self._stored[name]

    def _is_usable(self, need: str) -> bool:
        return self._is_sent(need) and not {need, need.partition(".")[0]} & self.doubts.keys()

    def _is_sent(self, need: str) -> bool:
        name, _, column = need.partition(".")
        intake = self.manifest.table(name)
        if intake is None or intake.problem or not intake.rows_used:
            return False
        if not column:
            return True
        filled = intake.filled.get(column, 0.0)
        return filled > 0 if contract.table(name).column(column).sparse else filled >= FILLED

    def _is_gutted(self, name: str) -> bool:
        intake = self.manifest.table(name)
        return intake is not None and 0 < intake.rows_used < FILLED * intake.rows_sent

    def _as_known(self, table: Table, stored: ir.Table) -> ir.Table:
        bucket, as_of = self.settings.bucket, ibis.timestamp(str(self.as_of))
        visible = _known_by(_known_on(table.known, stored, bucket), as_of)
        masked = {
            column.name: _masked(column, stored, bucket, as_of)
            for column in table.columns
            if column.known.how != "inherit"
        }
        for column in table.columns:
            if f"{table.name}.{column.name}" in self.doubts:
                masked[column.name] = ibis.null(stored[column.name].type())
        rows = stored if visible is None else stored.filter(visible)
        rows = rows.filter(ibis.literal(False)) if table.name in self.doubts else rows
        return rows.mutate(**masked) if masked else rows

    def _plan_cycles(self) -> pd.DatetimeIndex:
        cycles = [self._open(name).select("cycle").distinct() for name in PLAN_TABLES if self._is_sent(name)]
        found = [self._engine.frame(expression)["cycle"] for expression in cycles]
        return pd.DatetimeIndex(pd.concat(found) if found else [], dtype="datetime64[us]")

    def _extreme(self, name: str, column: str, how: str) -> pd.Timestamp | None:
        value = self._engine.value(getattr(self._open(name)[column], how)())
        return None if pd.isna(value) else pd.Timestamp(value)

    def _fact_dates(self) -> list[tuple[str, str]]:
        sent = [pair for pair in FACT_DATES.items() if self._is_sent(pair[0])]
        return sent or [pair for pair in LAST_RESORT.items() if self._is_sent(pair[0])]

    def _first_fact(self) -> pd.Timestamp | None:
        days = [self._extreme(*pair, "min") for pair in self._fact_dates()]
        known = [periods.floor(day, self.settings.bucket) for day in days if day is not None]
        return min(known) if known else None

    def _last_measured_capacity(self) -> pd.Timestamp | None:
        """The last period with available hours; planned hours alone may lie in the future."""
        capacity = self._open("capacity")
        value = self._engine.value(capacity.period.max(where=capacity.available_hours.notnull()))
        return None if pd.isna(value) else pd.Timestamp(value)

    def _end_of_extract(self) -> pd.Timestamp:
        bucket = self.settings.bucket
        closing = [(t.name, "period") for t in contract.TABLES if t.closes_period and self._is_sent(t.name)]
        events = [(name, c) for name, columns in ACTUAL_EVENTS.items() if self._is_sent(name) for c in columns]
        closed = [self._extreme(*pair, "max") for pair in closing or events]
        self._refuse_lone_end(closing or events, closed)
        closed += [] if closing else [self._last_measured_capacity()]
        closed = [day for day in closed if day is not None] or [
            self._extreme(*pair, "max") for pair in self._fact_dates()
        ]
        ends = [periods.shift(periods.floor(day, bucket), bucket, 1) for day in closed if day is not None]
        plans = self._plan_cycles()
        self._refuse_lone_cycle(plans, ends)
        ends += [plans.max()] if len(plans) else []
        if not ends:
            raise Unusable("no dated plan or fact in the extract: nothing to assess. Send one fact table beside items.")
        return max(ends)

    def _refuse_lone_cycle(self, plans: pd.DatetimeIndex, ends: list[pd.Timestamp]) -> None:
        """A plan published long after everything else is one whose date was typed wrong."""
        cycles = plans.unique().sort_values()
        if not (len(cycles) and ends):
            return
        before = max([*cycles[-2:-1], *ends])
        if cycles[-1] - before > LONGEST_PAUSE:
            tables = [t for t in PLAN_TABLES if self._is_sent(t) and self._extreme(t, "cycle", "max") == cycles[-1]]
            raise Unusable(
                f"{', '.join(tables)}: the last cycle is {cycles[-1].date()}, and nothing is known of the time between "
                f"it and {before.date()}. It would end the extract there. Correct the date, or take the row out."
            )

    def _refuse_lone_end(self, pairs: list[tuple[str, str]], lasts: list[pd.Timestamp | None]) -> None:
        """A typing error in one year would make everything before it history: asked about, not believed."""
        dated = [(day, *pair) for day, pair in zip(lasts, pairs, strict=True) if day is not None]
        if not dated:
            return
        last, name, column = max(dated)
        end = periods.floor(last, self.settings.bucket)
        before = [self._last_before(table, day, end) for _, table, day in dated]
        known = [day for day in before if day is not None]
        if known and end - max(known) > LONGEST_SILENCE:
            raise Unusable(
                f"{name}: the last {column} is {last.date()}, and nothing is known of the time between it and "
                f"{max(known).date()}. It would end the extract there. Correct the year, or take the row out."
            )

    def _last_before(self, name: str, column: str, end: pd.Timestamp) -> pd.Timestamp | None:
        days = self._open(name)[column]
        value = self._engine.value(days.max(where=days < ibis.timestamp(str(end))))
        return None if pd.isna(value) else pd.Timestamp(value)


def _floor(day: date, bucket: periods.Bucket) -> pd.Timestamp:
    return periods.floor(pd.Timestamp(day), bucket)


def _known_on(known: Known, rows: ir.Table, bucket: periods.Bucket) -> ir.TimestampValue | None:
    if known.how in ("always", "inherit"):
        return None
    dates = [rows[column] for column in known.columns]
    if known.how == "after":
        return periods.bucket_end(dates[0], bucket)
    if known.how == "latest":
        floor_date = ibis.timestamp("1900-01-01 00:00:00")
        return ibis.greatest(*(d.fill_null(floor_date) for d in dates))
    return ibis.coalesce(*dates)


def _known_by(known_on: ir.TimestampValue | None, as_of: ir.TimestampValue) -> ir.BooleanValue | None:
    return None if known_on is None else known_on.isnull() | (known_on <= as_of)


def _masked(column: Column, rows: ir.Table, bucket: periods.Bucket, as_of: ir.TimestampValue) -> ir.Value:
    known = _known_by(_known_on(column.known, rows, bucket), as_of)
    return (
        rows[column.name]
        if known is None
        else ibis.ifelse(known, rows[column.name], ibis.null(rows[column.name].type()))
    )
