"""A small client cut out of the sample company: three families, the last two years. It is what gets broken."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from pathlib import Path

import pandas as pd

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data"
FAMILIES = ("Desserts", "Ready Meals", "Sauces")
SINCE = "2024-07-01"
CLOCKS = ("cycle", "period", "ordered_on", "planned_start", "changed_on")


def small_client(
    folder: Path, families: Collection[str] = FAMILIES, tables: Collection[str] = (), source: Path = SAMPLE
) -> Path:
    """Write the client as plain CSV files with its settings into the new `folder`; every cell as in the `source`.

    `families` are those it has, `tables` those it sends (default: all).
    """
    folder.mkdir(parents=True)
    items = _read(source / "items.csv")
    kept = set(items.loc[items["family"].isin(families), "item_id"])
    for path in sorted(source.glob("*.csv*")):
        if not tables or path.name.partition(".")[0] in tables:
            _cut(_read(path), kept, families).to_csv(folder / path.name.removesuffix(".gz"), index=False)
    shutil.copy(source / "settings.yaml", folder)
    return folder


def _read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def _cut(table: pd.DataFrame, items: set[str], families: Collection[str]) -> pd.DataFrame:
    for column, wanted in (("item_id", items), ("family", {*families})):
        if column in table:
            table = table[table[column].isin(wanted | {""})]
    clock = next((column for column in CLOCKS if column in table), None)
    return table[table[clock] >= SINCE] if clock else table
