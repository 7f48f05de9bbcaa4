"""A small client whose tables are full of names, for the tests of what may leave the house."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tests import builders

MONTHS = builders.cycles(14)
SETTINGS = """
client: Brumfield Dairies
critical_families: [Kefir]
situation_words: {T4: [cellar reserve]}
kpi_words: {service: {maximise: [Zufriedenheit]}}
branding: {name: Brumfield, colour: "#aa0000"}
"""
NAMES = (
    *("Kefir", "Skyr", "Quark", "KX-77", "SY-12", "QK-40", "Tollgate Glassworks", "TG-9", "Marta Oldacre"),
    *("Brumfield Dairies", "Filler Nord", "FN-1", "cellar reserve", "Zufriedenheit", "Zwickau depot"),
)
ITEMS = {"KX-77": "Kefir", "SY-12": "Skyr", "QK-40": "Quark"}


def tables() -> dict[str, pd.DataFrame]:
    """Every table by name: three items of three families, one supplier, one resource, people and texts."""
    every = [(month, item, number) for month in MONTHS for number, item in enumerate(ITEMS, 1)]
    ahead = [
        (month, item, month + pd.DateOffset(months=lag), 10.0 * n + lag) for month, item, n in every for lag in (0, 1)
    ]
    return {
        "items": pd.DataFrame(
            {"item_id": list(ITEMS), "family": list(ITEMS.values()), "unit_cost": 2.0, "supplier_id": "TG-9"}
        ),
        "suppliers": pd.DataFrame(
            {"supplier_id": ["TG-9"], "name": ["Tollgate Glassworks"], "planned_lead_time_days": [20.0]}
        ),
        "resources": pd.DataFrame({"resource_id": ["FN-1"], "name": ["Filler Nord"], "is_constraint": [True]}),
        "forecast_snapshots": pd.DataFrame(ahead, columns=["cycle", "item_id", "period", "quantity"]),
        "actual_demand": pd.DataFrame(
            [(month, item, "Zwickau depot", 9.0 * n + month.month) for month, item, n in every],
            columns=["period", "item_id", "location_id", "quantity"],
        ),
        "decisions": pd.DataFrame(
            {
                "decision_id": [f"D{month:%y%m}" for month in MONTHS],
                "cycle": MONTHS,
                "topic": "safety stock of Kefir for Tollgate Glassworks",
                "family": "Kefir",
                "raised_on": MONTHS,
                "owner": "Marta Oldacre",
            }
        ),
        "events": pd.DataFrame(
            {"event_id": ["E1"], "kind": ["supplier_failure"], "starts_on": [MONTHS[3]], "subject_id": ["TG-9"]}
        ),
        "decision_rules": pd.DataFrame(
            {"rule_id": ["R-hold"], "situation": ["cellar reserve of Skyr"], "owner": ["Head of Supply"]}
        ),
        "kpi_objectives": pd.DataFrame(
            {"function": ["sales"] * 2, "kpi": ["Zufriedenheit", "OTIF"], "direction": ["maximise"] * 2}
        ),
    }


def write(folder: Path, settings: str = SETTINGS) -> Path:
    """The extract as CSV files, with an item that nobody knows in one row and a file of another name."""
    folder.mkdir(parents=True)
    for name, rows in tables().items():
        rows.to_csv(folder / f"{name}.csv", index=False)
    with (folder / "actual_demand.csv").open("a", encoding="utf-8") as lines:
        lines.write("2024-01-01,XX-999,Zwickau depot,1\n2024-01-01,kx-77,Zwickau depot,1\n")
    (folder / "settings.yaml").write_text(settings, encoding="utf-8")
    return folder
