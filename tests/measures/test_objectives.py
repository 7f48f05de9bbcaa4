"""Objectives that pull apart: which levers two functions fight over, and when the fight is live or eased."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from helpers.engagement import Engagement
from helpers.measures.objectives import conflicts, kpi_group, objectives, unmapped
from helpers.settings import KpiWords, Settings
from tests import builders

SALES = ("Sales", "Revenue", "maximise")
FINANCE = ("Finance", "Working capital", "minimise")


def measured(folder: Path, *kpis: tuple[str, str, str], **tables: pd.DataFrame) -> Engagement:
    """Functions measured on `kpis`, given as function, KPI, direction."""
    sold = pd.DataFrame({"period": ["2024-01-01"], "item_id": ["a"], "quantity": [1.0]})
    rows = pd.DataFrame(kpis, columns=["function", "kpi", "direction"])
    sent = {"items": builders.items(a="Bread"), "actual_demand": sold, "kpi_objectives": rows, **tables}
    return builders.engagement(folder, sent)


def test_conflict_is_the_share_of_common_wants_that_point_apart(tmp_path: Path) -> None:
    """Revenue (+ − + + +) against working capital (− − 0 − −): apart on 3 of the 4 levers both care about."""
    (pair,) = conflicts(measured(tmp_path, SALES, FINANCE), set()).to_dict("records")

    assert (pair["first"], pair["second"], pair["conflict"], pair["colour"]) == ("finance", "sales", 0.75, "red")
    assert pair["levers"] == ("stock", "slack", "promise")


def test_weights_mix_the_wants_of_a_function(tmp_path: Path) -> None:
    """Finance half on working capital, half on revenue: stock 0, lot −1, urgency ½, slack 0, promise 0: no conflict."""
    rows = [(*SALES, 1.0), (*FINANCE, 0.5), ("finance", "Revenue", "maximise", 0.5)]
    sent = pd.DataFrame(rows, columns=["function", "kpi", "direction", "weight"])
    found = conflicts(measured(tmp_path, kpi_objectives=sent), set())

    assert found["conflict"].tolist() == [0.0]


def test_the_same_kpi_in_opposite_directions_is_a_full_conflict(tmp_path: Path) -> None:
    """Whatever else they are measured on, and even where the kit does not know the KPI."""
    found = conflicts(measured(tmp_path, ("a", "Zeal", "maximise"), ("b", "zeal", "minimise")), set())

    assert found["conflict"].tolist() == [1.0]


def test_a_direction_against_the_groups_own_turns_the_wants_round(tmp_path: Path) -> None:
    """Who is to raise working capital wants more stock, larger lots and more slack."""
    wants = objectives(measured(tmp_path, ("finance", "Working capital", "maximise")))

    assert wants[["stock", "lot", "urgency", "slack", "promise"]].to_numpy().tolist() == [[1, 1, 0, 1, 1]]


def test_a_function_without_a_known_kpi_has_no_conflict_to_measure(tmp_path: Path) -> None:
    """Missing, not 0; the KPI becomes a question."""
    engagement = measured(tmp_path, SALES, ("hr", "Engagement score", "maximise"))

    assert conflicts(engagement, set())["conflict"].isna().all()
    assert conflicts(engagement, set())["colour"].tolist() == ["none"]
    assert unmapped(objectives(engagement)) == ("Engagement score",)


def test_a_conflict_is_live_where_its_levers_signs_recur(tmp_path: Path) -> None:
    """Stock shows in signs 8 and 9, promises in 1 and 2; sign 7 belongs to urgency, over which the two agree."""
    (pair,) = conflicts(measured(tmp_path, SALES, FINANCE), {2, 7, 9}).to_dict("records")

    assert (pair["live"], pair["signs"]) == (True, (2, 9))
    assert not conflicts(measured(tmp_path, SALES, FINANCE), {7})["live"].any()


def test_a_shared_service_kpi_mitigates(tmp_path: Path) -> None:
    """Both are measured on OTIF too."""
    shared = [(function, "OTIF", "maximise") for function in ("sales", "finance")]
    (pair,) = conflicts(measured(tmp_path, SALES, FINANCE, *shared), set()).to_dict("records")

    assert pair["mitigated_by"] == "both measured on OTIF"


@pytest.mark.parametrize(
    ("situation", "order", "expected"),
    [
        ("raise a safety stock", "risk > capital", "rule R1"),
        ("raise a safety stock", "", ""),
        ("overload", "a > b", ""),
    ],
    ids=["names the order", "names no order", "about another lever"],
)
def test_a_rule_mitigates_when_it_names_the_order_for_the_lever(
    tmp_path: Path, situation: str, order: str, expected: str
) -> None:
    """The strongest lever of the two is stock, about which situations T4 and T5 decide."""
    rule = pd.DataFrame({"rule_id": ["R1"], "situation": [situation], "priority_order": [order]})
    found = conflicts(measured(tmp_path, SALES, FINANCE, decision_rules=rule), set())

    assert found["mitigated_by"].tolist() == [expected]


@pytest.mark.parametrize(
    ("kpi", "expected"),
    [
        ("Stock-outs per month", ("service", -1)),
        ("Stock turnover", ("capital", 1)),
        ("Turnover", ("volume", 1)),
        ("Returns", (None, 0)),
        ("Complaints", ("service", -1)),
    ],
)
def test_the_longest_words_that_fit_decide_the_group(kpi: str, expected: tuple[str | None, int]) -> None:
    """Whole words, plurals included; the client's own words stand beside the kit's."""
    assert kpi_group(kpi, Settings(kpi_words={"service": KpiWords(minimise=("complaint",))})) == expected
