"""Excuses: an exogenous event on the unit, answered by a dated decision of that cycle."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from helpers.judgement.breach import make_flags
from helpers.measures.excuses import excuse, without_answered_shocks
from tests.builders import cycles, engagement

MARCH = pd.Timestamp("2024-03-01")
ITEMS = pd.DataFrame(
    {
        "item_id": ["a", "b"],
        "family": ["Soups", "Sauces"],
        "supplier_id": ["V1", "V2"],
        "primary_resource_id": ["L1", "L2"],
    }
)


def event(subject: str | None, known_on: str = "2024-03-04") -> pd.DataFrame:
    """Something outside happened in March."""
    return pd.DataFrame(
        {
            "event_id": ["e"],
            "kind": ["strike"],
            "starts_on": ["2024-03-03"],
            "ends_on": ["2024-03-20"],
            "known_on": [known_on],
            "exogenous": [True],
            "subject_id": [subject],
        }
    )


def decision(family: str | None, decided_on: str = "2024-03-10") -> pd.DataFrame:
    """What to do about it was decided."""
    days = {"raised_on": ["2024-03-04"], "decided_on": [decided_on]}
    return pd.DataFrame({"decision_id": ["d"], "cycle": ["2024-03-01"], "family": [family], **days})


def excused(
    folder: Path, events: pd.DataFrame, decisions: pd.DataFrame | None, dimension: str, *units: str
) -> dict[str, pd.Timestamp]:
    """Units excused in March, with the day from which; every unit breaches in every cycle."""
    demand = pd.DataFrame({"period": cycles(6), "item_id": "a", "quantity": 1.0})
    tables = {"items": ITEMS, "actual_demand": demand, "events": events}
    opened = engagement(folder, tables | ({} if decisions is None else {"decisions": decisions}))
    rows = [(label, unit, 1.0, True, 0.5) for label in opened.calendar.labels for unit in units]
    flags = make_flags(
        pd.DataFrame(rows, columns=["label", "unit", "value", "breach", "severity"]), opened.calendar, "fact"
    )
    found = excuse(opened, flags, dimension).dropna(subset=["excused_on"])
    assert set(found["label"]) <= {MARCH}
    return dict(zip(found["unit"], found["excused_on"], strict=True))


@pytest.mark.parametrize("subject", ["Soups", "a", "V1", "L1"], ids=["family", "item", "supplier", "resource"])
def test_a_family_is_excused_by_what_hits_it(tmp_path: Path, subject: str) -> None:
    """The event's subject may be the family, or an item, a supplier or a resource of it; Sauces is not touched."""
    found = excused(tmp_path, event(subject), decision("Soups"), "family", "Soups", "Sauces")

    assert found == {"Soups": pd.Timestamp("2024-03-10")}


def test_a_supplier_is_excused_when_a_family_it_serves_was_decided_on(tmp_path: Path) -> None:
    """The decision names Soups, which V1 serves."""
    assert excused(tmp_path, event("V1"), decision("Soups"), "supplier", "V1", "V2") == {
        "V1": pd.Timestamp("2024-03-10")
    }


def test_a_decision_on_another_family_covers_nothing(tmp_path: Path) -> None:
    """An exogenous event with an uncovered response stays counted."""
    assert excused(tmp_path, event("Soups"), decision("Sauces"), "family", "Soups") == {}
    assert excused(tmp_path, event("Soups"), None, "family", "Soups") == {}


def test_a_decision_after_the_cycle_comes_too_late(tmp_path: Path) -> None:
    """Decided in April for March."""
    assert excused(tmp_path, event("Soups"), decision("Soups", "2024-04-02"), "family", "Soups") == {}


def test_an_event_without_a_subject_hits_everyone(tmp_path: Path) -> None:
    """A strike of the country excuses every unit and the company."""
    assert set(excused(tmp_path, event(None), decision(None), "family", "Soups", "Sauces")) == {"Soups", "Sauces"}
    assert set(excused(tmp_path, event(None), decision(None), "company", "company")) == {"company"}


def test_the_excuse_dates_from_the_day_both_were_known(tmp_path: Path) -> None:
    """The event became known after the decision was taken."""
    late = event("Soups", known_on="2024-03-25")

    assert excused(tmp_path, late, decision("Soups"), "family", "Soups") == {"Soups": pd.Timestamp("2024-03-25")}


@pytest.mark.parametrize(
    ("known_on", "decided_on", "topic", "left"),
    [
        pytest.param("2024-03-04", "2024-03-10", "What is expedited", ["V2"], id="answered in time"),
        pytest.param("2024-03-04", "2024-03-10", "V1 is down", ["V2"], id="the shock is named"),
        pytest.param("2024-03-04", "2024-03-10", "Promotion of Soups", ["V1", "V2"], id="decided on something else"),
        pytest.param("2024-03-04", "2024-03-10", None, ["V2"], id="topics are not kept"),
        pytest.param("2024-04-02", "2024-03-10", "Rush", ["V1", "V2"], id="known after the month closed"),
        pytest.param("2024-03-04", "2024-04-10", "Rush", ["V1", "V2"], id="decided a month later"),
    ],
)
def test_lines_of_a_supplier_that_an_answered_shock_hit_are_left_out(
    tmp_path: Path, known_on: str, decided_on: str, topic: str | None, left: list[str]
) -> None:
    """A strike at V1 in March takes its lines of March out of the counts, if known and answered as such in March."""
    demand = pd.DataFrame({"period": cycles(6), "item_id": "a", "quantity": 1.0})
    decided = decision("Soups", decided_on).assign(cycle=[decided_on[:7] + "-01"], topic=topic)
    tables = {"items": ITEMS, "actual_demand": demand, "events": event("V1", known_on), "decisions": decided}
    counts = pd.DataFrame(
        {"label": [MARCH] * 2, "family": ["Soups", "Sauces"], "supplier_id": ["V1", "V2"], "lines": [10.0, 10.0]}
    )

    kept = without_answered_shocks(counts, engagement(tmp_path, tables), "expedit|rush")
    assert kept["supplier_id"].tolist() == left
