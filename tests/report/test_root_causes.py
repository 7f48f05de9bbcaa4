"""The root causes on the page: what matters, in words, and one line of what to ask where data are missing."""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.measures import objectives, parameters, tradeoffs
from helpers.report.root_causes import root_cause_tables
from helpers.root_causes import RootCauses

PAIR = ["parameter", "first", "second", "dimension", "index", "apart", "judged", "worst", "log_ratio", "owner"]


def roots(**found: Any) -> RootCauses:
    """Nothing sent, but for what is given."""
    nothing = {
        "conflicts": pd.DataFrame(columns=objectives.COLUMNS),
        "unmapped": (),
        "tradeoffs": pd.DataFrame(columns=tradeoffs.COLUMNS),
        "has_rules": False,
        "pairs": pd.DataFrame(columns=PAIR),
        "subjects": pd.DataFrame(columns=parameters.COLUMNS),
        "objectives_missing": ("kpi_objectives",),
        "situations_missing": {"T7": ("function_plans",)},
        "parameters_missing": {"hours": ("capacity",)},
    }
    return RootCauses(**{**nothing, **found})


def test_without_data_each_table_is_only_what_to_ask_for() -> None:
    """No empty table, no green words."""
    first, second, third = root_cause_tables(roots(), "EUR")

    assert (first.rows, second.rows, third.rows) == ((), (), ())
    assert first.notes[0].startswith("Not assessable. Ask for kpi_objectives")
    assert second.notes[-1] == "Not looked for: T7 (function_plans)."
    assert third.notes[-1] == "Not compared: hours (capacity)."


def test_without_rules_sent_the_page_asks_instead_of_calling_a_rule_missing() -> None:
    """Only rules that were sent can be found wanting."""
    row = {"code": "T1", "situation": "Shortage", "occurrences": 4, "covered": 0.0, "consistency": 0.5}
    row |= {"answer": "Retail", "cost": 1200.0, "missing_rule": True}
    situations = pd.DataFrame([row]).reindex(columns=tradeoffs.COLUMNS)
    unknown = root_cause_tables(roots(tradeoffs=situations), "EUR")[1]
    known = root_cause_tables(roots(tradeoffs=situations, has_rules=True), "EUR")[1]

    assert [cell.text for cell in unknown.rows[0]] == ["T1 Shortage", "4", "0%", "Retail, 50%", "1,200 EUR", "ask"]
    assert unknown.notes[0].startswith("Situations for which we saw no rule; ask")
    assert (known.rows[0][-1].text, known.rows[0][-1].mark) == ("missing", "●")


def test_only_the_worst_pair_of_a_parameter_is_shown() -> None:
    """A parameter with five values would otherwise fill the table alone."""
    rows = [
        ("hours", "a", "b", "resource", 0.9, 1, 2, "R1", 0.25, "Plant"),
        ("hours", "a", "c", "resource", 0.5, 1, 2, "R1", 0.2, None),
    ]
    table = root_cause_tables(roots(pairs=pd.DataFrame(rows, columns=PAIR)), "EUR")[2]

    assert [cell.text for cell in table.rows[0]] == ["Hours", "a · b", "90%", "1 of 2", "resource R1", "+28%", "Plant"]
    assert len(table.rows) == 1
