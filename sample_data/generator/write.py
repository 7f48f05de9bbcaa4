"""Write a client's folder: the same bytes for the same scenario and seed."""

import gzip
from pathlib import Path

import pandas as pd
import yaml

from sample_data.generator.company import CRITICAL_FAMILIES
from sample_data.generator.scenario import Scenario

COMPRESS_ABOVE = 300_000


def write_client(tables: dict[str, pd.DataFrame], scenario: Scenario, folder: Path) -> None:
    """Write every table and the settings, replacing what an earlier run left."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        for old in (folder / f"{name}.csv", folder / f"{name}.csv.gz"):
            old.unlink(missing_ok=True)
        write_table(table, folder / f"{name}.csv")
    (folder / "settings.yaml").write_text(settings(scenario), encoding="utf-8", newline="\n")


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write one table as CSV, compressed without a time stamp when it is large."""
    text = spoken_booleans(table).to_csv(index=False, lineterminator="\n").encode()
    if len(text) <= COMPRESS_ABOVE:
        path.write_bytes(text)
        return
    with path.with_suffix(".csv.gz").open("wb") as target, gzip.GzipFile("", "wb", 9, target, mtime=0) as packed:
        packed.write(text)


def spoken_booleans(table: pd.DataFrame) -> pd.DataFrame:
    """Booleans in lower case, as the rest of the extract has them."""
    flags = table.select_dtypes("bool").columns
    return table.assign(**{name: table[name].map({True: "true", False: "false"}) for name in flags})


def settings(scenario: Scenario) -> str:
    """Return the settings file of a client."""
    return yaml.safe_dump(
        {
            "client": scenario.client,
            "currency": "EUR",
            "bucket": "month",
            "time_fences": {"frozen": 1, "slushy": 1},
            "critical_families": list(CRITICAL_FAMILIES),
            "critical_resources": ["R10"],
            "otif": {"target": 0.95, "tolerance_days": 0},
        },
        sort_keys=False,
        allow_unicode=True,
    )
