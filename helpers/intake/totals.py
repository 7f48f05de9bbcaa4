"""Total rows among the rows that they add up, as a client's report writes them: used, they count everything twice.

A name that no other table knows is taken for a total where its amount equals the sum of all other names, group for
group: a family or resource of its own never does. A row that stands alone in its group is used: it says nothing twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import duckdb

from helpers.contract import Table
from helpers.intake import sql
from helpers.intake.checks import TYPED
from helpers.intake.desk import Desk
from helpers.intake.duplicates import kept
from helpers.intake.mapping import Layout

TOTALS = "totals"
FEWEST_GROUPS, FEWEST_OTHERS = 3, 2
NEARLY_ALL = 0.9  # of the groups: a part that was set aside takes one group's sum away, not the rule
ROUNDING = 0.001  # of the total: reports write it in whole units

Name = str | None
Sums = Iterable[tuple[object, ...]]
KNOWN_BY = {
    "family": (("items", "family"),),
    "resource_id": (
        ("items", "primary_resource_id"),
        ("production_plan_snapshots", "resource_id"),
        ("production_orders", "resource_id"),
        ("resources", "resource_id"),
    ),
}


@dataclass(frozen=True)
class Parts:
    """What a table splits its amounts by: `name` the part, `amount` what adds up, over rows with the same `within`."""

    name: str
    amount: str
    within: tuple[str, ...]

    @property
    def rule(self) -> str:
        """Why a row of a total is set aside."""
        return f"total row: what this name holds is the sum of the others of the same {', '.join(self.within)}"


PARTS = {
    "compensation_costs": Parts("family", "amount", ("period", "kind")),
    "financials": Parts("family", "revenue", ("period",)),
    "function_plans": Parts("family", "quantity", ("cycle", "function", "period", "version")),
    "capacity": Parts("resource_id", "planned_hours", ("period",)),
}


def names_of_totals(sums: Sums, known: set[str]) -> list[Name]:
    """The names whose amount is the sum of the others; `None` stands for rows without a name.

    Parameters
    ----------
    sums
        The amount by group and name: any number of cells that tell the group, then the name, then the amount.
    known
        The names that other tables use: none of them is a total, and where there are none nothing can be told.
    """
    groups: dict[tuple[object, ...], dict[Name, float]] = defaultdict(dict)
    for *group, name, amount in sums:
        groups[tuple(group)][name] = float(amount)  # type: ignore[index, arg-type]
    asked = {name for amounts in groups.values() for name in amounts} - known if known else set()
    found = [name for name in asked if _is_total(name, groups.values())]
    return sorted(found, key=lambda name: name or "")


def _is_total(name: Name, groups: Iterable[dict[Name, float]]) -> bool:
    held = [amounts for amounts in groups if name in amounts and len(amounts) > FEWEST_OTHERS and any(amounts.values())]
    equal = [amounts for amounts in held if _equals(amounts[name], sum(amounts.values()) - amounts[name])]
    return len(equal) >= max(FEWEST_GROUPS, NEARLY_ALL * len(held))


def _equals(total: float, others: float) -> bool:
    return abs(total - others) <= ROUNDING * abs(total)


def in_rows(desk: Desk, table: Table, layout: Layout, rows: str, *, typed: bool = False) -> list[Name]:
    """The names of totals in some rows: SQL of stored rows, or of `typed` ones with their faults."""
    parts = PARTS.get(table.name)
    if parts is None or parts.name not in layout.sent:
        return []
    cell = kept if typed else sql.name
    groups = [cell(name) for name in parts.within if name in layout.sent]
    by = ", ".join([*groups, cell(parts.name)])
    found = desk.con.execute(f"SELECT {by}, sum({cell(parts.amount)}) FROM {rows} GROUP BY {by}").fetchall()
    return names_of_totals(found, set(_known(desk, parts.name)))


def set_aside(con: duckdb.DuckDBPyConnection, table: Table, layout: Layout, names: list[Name]) -> None:
    """Fill the table `totals` with the rows of these names and the reason, and mark them in `typed`."""
    con.execute(f"CREATE OR REPLACE TABLE {TOTALS} (line BIGINT, shown VARCHAR, rule VARCHAR)")
    if names:
        parts = PARTS[table.name]
        by = ", ".join(kept(name) for name in parts.within if name in layout.sent)
        con.execute(
            f"""INSERT INTO {TOTALS} SELECT line, shown, ? FROM (
                SELECT *, bool_and(is_total) OVER (PARTITION BY {by}) AS is_alone FROM (
                    SELECT *, coalesce({kept(parts.name)}, '') AS shown, list_contains(?, shown) AS is_total
                    FROM {TYPED} WHERE NOT aside))
            WHERE is_total AND NOT is_alone""",
            [parts.rule, [name or "" for name in names]],
        )
        con.execute(f"UPDATE {TYPED} SET aside = true WHERE line IN (SELECT line FROM {TOTALS})")


def _known(desk: Desk, column: str) -> Iterator[str]:
    for table, named in KNOWN_BY[column]:
        path = desk.parquet / f"{table}.parquet"
        if path.exists():
            cell = sql.name(named)
            rows = f"SELECT DISTINCT {cell} FROM read_parquet({sql.text(str(path))}) WHERE {cell} IS NOT NULL"
            yield from (name for (name,) in desk.con.execute(rows).fetchall())
