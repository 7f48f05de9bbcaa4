"""The contract as data says what CONTRACT.md says."""

from __future__ import annotations

import pytest

from helpers import contract
from helpers.contract import TABLES, Column, Table

EVERY_TABLE = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
EVERY_COLUMN = pytest.mark.parametrize(
    ("table", "column"), [pytest.param(t, c, id=f"{t.name}.{c.name}") for t in TABLES for c in t.columns]
)

REQUIRED = {
    "items": "item_id family",
    "forecast_snapshots": "cycle item_id period quantity",
    "forecast_changes": "changed_on item_id period old_quantity new_quantity function",
    "actual_demand": "period item_id quantity",
    "order_lines": "order_id item_id ordered_on requested_on ordered_quantity",
    "production_plan_snapshots": "cycle resource_id item_id period quantity",
    "production_orders": "production_order_id resource_id item_id planned_start planned_quantity",
    "resources": "resource_id",
    "capacity": "resource_id period planned_hours",
    "schedule_changes": "changed_on resource_id change_type",
    "purchase_orders": "purchase_order_id item_id supplier_id ordered_on due_on ordered_quantity",
    "purchase_order_changes": "purchase_order_id changed_on old_due_on new_due_on",
    "suppliers": "supplier_id planned_lead_time_days",
    "inventory_snapshots": "period item_id on_hand",
    "compensation_costs": "period kind amount",
    "financials": "period revenue",
    "assumptions": "assumption_id area planned_value set_on",
    "assumption_actuals": "assumption_id period actual_value",
    "assumption_validations": "assumption_id validated_on",
    "decisions": "decision_id cycle raised_on",
    "function_plans": "cycle function family period quantity",
    "events": "event_id kind starts_on",
    "price_index": "period index",
    "kpi_objectives": "function kpi direction",
    "decision_rules": "rule_id",
    "process_roles": "step",
    "interview_answers": "function sign score",
}
ALWAYS_KNOWN = {"items", "resources", "suppliers", "kpi_objectives", "process_roles", "interview_answers"}


def test_the_tables_and_their_required_columns_are_those_of_the_contract():
    """The bold columns of the contract's page 1, table by table, in its order."""
    assert {table.name: " ".join(table.required) for table in TABLES} == REQUIRED


@EVERY_TABLE
def test_no_column_is_declared_twice(table: Table):
    """A second declaration would shadow the first without a word."""
    names = [column.name for column in table.columns]

    assert len(names) == len(set(names))


@EVERY_TABLE
def test_keys_order_rules_and_known_dates_name_columns_of_their_table(table: Table):
    """A misspelt column in a rule would never be checked."""
    names = {column.name for column in table.columns}
    named = {*table.key, *table.known.columns}
    named |= {name for rule in table.order for name in (rule.later, rule.earlier)}
    named |= {name for column in table.columns for name in column.known.columns}

    assert named <= names


@EVERY_TABLE
def test_the_dates_that_say_when_something_was_known_are_dates(table: Table):
    """Known-on dates are compared with the as-of date."""
    names = {*table.known.columns, *(name for column in table.columns for name in column.known.columns)}

    assert {table.column(name).type for name in names} <= {"date", "bucket"}


@EVERY_TABLE
def test_a_key_column_is_required_or_has_a_default(table: Table):
    """An empty key cell would make two different rows look alike."""
    keys = [table.column(name) for name in table.key]

    assert [c.name for c in keys if not (c.required or c.default)] == []


@EVERY_TABLE
def test_only_masters_are_always_known(table: Table):
    """Everything else waits for the date on which it became known."""
    assert (table.known.how == "always") == (table.name in ALWAYS_KNOWN)


@EVERY_COLUMN
def test_a_default_is_one_of_the_choices(table: Table, column: Column):
    """`stage` falls back on `consensus`, which must be a stage."""
    assert column.default is None or not column.choices or column.default in column.choices


@EVERY_COLUMN
def test_a_required_column_is_neither_sparse_nor_known_later_than_its_row(table: Table, column: Column):
    """A required cell is there from the first day; what comes later is an outcome."""
    assert not column.required or (not column.sparse and column.known.how == "inherit")


@EVERY_COLUMN
def test_what_happened_becomes_known_when_it_happened(table: Table, column: Column):
    """Outcomes of orders and decisions are never visible with the row that announced them."""
    outcomes = ("delivered", "received", "actual_", "executed", "reversed_on", "decided_on")
    if table.name == "assumption_actuals" or not column.name.startswith(outcomes):
        return

    assert column.known.how != "inherit"


def test_an_unknown_table_or_column_is_named():
    """A misspelt name in a sign stops at once and says which."""
    with pytest.raises(KeyError, match="orders is not a table of the contract"):
        contract.table("orders")
    with pytest.raises(KeyError, match=r"items\.colour is not in the contract"):
        contract.table("items").column("colour")
