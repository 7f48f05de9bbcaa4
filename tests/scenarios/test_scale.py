"""Who counts in thousands reads the same: the same rows and sentences, numbers aside."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from helpers.scenarios.decisions import couriers, extra_hours, orders, production
from helpers.scenarios.document import document
from helpers.scenarios.feasible import feasibility
from helpers.scenarios.network import Network
from helpers.scenarios.outcome import felt, is_felt
from helpers.scenarios.scenario import Answer, Planning
from helpers.settings import Settings
from tests.scenarios.networks import network
from tests.scenarios.realigned import ASKED, NOTICE, raised, small

THOUSAND = 1000.0


def plant() -> Network:
    """Ten hours missing in February, and a rushed purchase that brings half of what is late."""
    return network(
        {"A": [100.0, 200.0], "B": [0.0, 80.0]},
        products={"B": {"is_critical": True}},
        made={"A": {"line": 0.1}},
        hours={"line": {"regular": 10.0, "overtime": 10.0, "rate": 300.0}},
        plan={"A": [100.0, 200.0]},
        sources=[
            {"source": "B, ordered", "product": "B", "lead": 2.0},
            {"source": "B, rushed", "product": "B", "lead": 1.0, "is_rush": True, "extra": 2.0, "most": 40.0},
        ],
        urgent=0.1,
        courier=5.0,
    )


def in_thousands(whole: Network) -> Network:
    """The same network where a thousand pieces are a unit."""
    masters, sources = whole.products, whole.sources
    pieces = {name: getattr(whole, name) for name in ("plan", "arrivals", "owed")}
    return replace(
        whole,
        products=masters.assign(
            **{name: masters[name] * THOUSAND for name in ("price", "cost", "carrying")},
            **{name: masters[name] / THOUSAND for name in ("stock", "safety")},
        ),
        demand=whole.demand.assign(
            **{name: whole.demand[name] / THOUSAND for name in ("quantity", "urgent")},
            courier=whole.demand["courier"] * THOUSAND,
        ),
        steps=whole.steps.assign(hours=whole.steps["hours"] * THOUSAND),
        sources=sources.assign(extra=sources["extra"] * THOUSAND, most=sources["most"] / THOUSAND),
        **{name: rows.assign(quantity=rows["quantity"] / THOUSAND) for name, rows in pieces.items()},
    )


def answers(whole: Network) -> tuple[Answer, ...]:
    """The small plant's scenarios."""
    return tuple(Planning(whole, ASKED, None).answers())


def said(whole: Network, found: tuple[Answer, ...]) -> dict[str, Any]:
    """Feasibility and scenarios as the document has them."""
    made = small(network=whole, feasible=feasibility(whole), answers=found)
    return document(made, Settings(), pd.Timestamp(2026, 1, 1), "family")


def words(said: dict[str, Any]) -> list[str]:
    """Every sentence, numbers aside."""
    told = [one[part] for one in said["scenarios"] for part in ("reasons", "scarce")]
    sentences = [said["feasibility"]["message"], *(sentence for part in told for sentence in part)]
    return [re.sub(r"[\d.,]*\d", "#", sentence) for sentence in sentences]


def cells(frame: pd.DataFrame) -> list[list[Any]]:
    """A frame without its amounts."""
    return frame.select_dtypes(exclude="float").to_numpy().tolist()


def rows_of(answer: Answer, approved: Answer) -> list[list[list[Any]]]:
    """Its decisions without their amounts."""
    solution, known = answer.solution, (NOTICE, raised())
    tables = [orders(solution, *known), extra_hours(solution, *known), couriers(solution, NOTICE)]
    return [cells(table) for table in (production(solution, approved.solution, *known), *tables)]


def test_the_same_plan_in_thousands_gives_the_same_rows_and_sentences() -> None:
    """Two hundred units or a fifth of a thousand: nothing is hidden that was shown."""
    whole, thousands = plant(), in_thousands(plant())
    both = answers(whole), answers(thousands)
    one, other = said(whole, both[0]), said(thousands, both[1])

    assert words(other) == words(one)
    for part in ("hours", "units", "rescue", "unrescued"):
        assert len(other["feasibility"][part]) == len(one["feasibility"][part]) > 0
    for first, second in zip(*both, strict=True):
        assert rows_of(second, both[1][0]) == rows_of(first, both[0][0])


def test_an_amount_is_felt_beside_what_it_belongs_to() -> None:
    """More than a ten-thousandth of it, and more than rounding of the solver."""
    assert felt(pd.Series([10_000.0, 2.0, 0.5])).tolist() == [True, True, False]
    assert felt(pd.Series([2.0, -0.5]), of=pd.Series([1e5, 1.0])).tolist() == [False, True]
    assert not is_felt(0.00005, of=0.0001)


@pytest.mark.parametrize("amount", [0.5, 0.0004])
def test_the_only_amount_there_is_is_felt(amount: float) -> None:
    """Half a unit is everything where nothing else is."""
    assert felt(pd.Series([amount])).all()
