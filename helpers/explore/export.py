"""A view kept: picture, table and the setting of the knobs, in a folder of its own."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pandas as pd

from helpers import disk
from helpers.charts import draw_chart
from helpers.errors import Unusable
from helpers.evidence import Chart, Finding
from helpers.explore.view import View, settings_lines, table_of
from helpers.plain import inert


def export(parent: Path, found: Finding, view: View, chart: Chart, accent: str) -> Path:
    """Write `chart.svg`, `table.csv` and `view.json` into a new folder below `parent`; returns the folder.

    Raises
    ------
    Unusable
        The folder cannot be written.
    """
    try:
        folder = _new_folder(parent, found.sign.key)
        picture = draw_chart(chart, found.verdict.recurring_cycles, accent)
        disk.write(folder / "chart.svg", picture.svg)
        disk.write(folder / "table.csv", _safe(table_of(chart)).to_csv(index=False, date_format="%Y-%m-%d"))
        disk.write(folder / "view.json", f"{json.dumps(setting(found, view, chart), indent=1, ensure_ascii=False)}\n")
    except OSError as error:
        raise Unusable(f"{parent}: the view cannot be written: {error.strerror}. Free the folder or space.") from error
    return folder


def setting(found: Finding, view: View, chart: Chart) -> dict[str, object]:
    """The setting of the knobs and what the sign says under it."""
    first = found.verdict.first_warning
    return {
        "sign": found.sign.number,
        "key": found.sign.key,
        "chart": chart.title,
        "cycles": [None if day is None else f"{day:%Y-%m-%d}" for day in (view.first, view.last)],
        "lines": list(view.lines),
        "limits_moved": {name: {"amber": amber, "red": red} for name, (amber, red) in view.moved.items()},
        "status": found.verdict.status,
        "strength": found.verdict.strength,
        "first_warning_cycle": None if first is None else f"{first:%Y-%m-%d}",
        "cost": found.cost.amount,
        "settings_lines": settings_lines(found, view.moved),
    }


def _new_folder(parent: Path, key: str) -> Path:
    """A folder that was not there: nothing of another view is ever written over."""
    stem = f"{key.replace('_', '-')}-{datetime.now().astimezone():%Y%m%d-%H%M%S}"
    names = (stem if count == 1 else f"{stem}-{count}" for count in range(1, 1000))
    for name in names:
        try:
            (parent / name).mkdir(parents=True)
        except FileExistsError:
            continue
        return parent / name
    raise FileExistsError(17, "too many views of this second", str(parent))


def _safe(rows: pd.DataFrame) -> pd.DataFrame:
    """Texts that a spreadsheet would run get an apostrophe in front."""
    texts = rows.select_dtypes(include=["object", "string", "category"]).columns
    return rows.assign(**{column: rows[column].astype(str).map(inert) for column in texts})
