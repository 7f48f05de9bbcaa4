"""A small client whose every text is hostile, and its harmless twin of the same shape: same rows, plain names."""

from __future__ import annotations

import csv
import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from helpers import contract
from tests.robustness.hostile.strings import CANARY, TEXTS
from tests.robustness.small import small_client

FAMILIES = 4  # of each family, so that more names are seen
# Words that decide what is measured stay in the text; names the kit knows by heart stay as they are.
TELLING = {"kpi", "situation", "topic", "step", "title", "remark", "person"}
KNOWN_BY_HEART = {"function"}
SUBJECTS = ("family", "item", "resource", "supplier")
LOGO = f"""<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="90" height="30"
 onload="pwned()"><script>top.pwned()</script><script href="{CANARY}/logo.js"/>
 <style>@import url({CANARY}/logo.css);</style><image href="{CANARY}/logo.png" width="9" height="9"/>
 <foreignObject width="9" height="9"><iframe xmlns="http://www.w3.org/1999/xhtml" src="{CANARY}/logo"/></foreignObject>
 <rect width="90" height="30" fill="#004d40"/></svg>"""
PLAIN_LOGO = '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30"><rect width="90" height="30"/></svg>'
FILE_NAMES = (  # of files that feed no table
    b"<img src=x onerror=pwned()>.csv",
    b"=HYPERLINK(1).csv",
    b"\x1b[35;45mesc\x1b]52;c;cHduZWQ=\x07.csv",
    b"rtl\xe2\x80\xae.xslx.csv",
    b"two\nlines.csv",
    b"not utf-8 \xff\xfe.csv",
    b"C:\\con.csv",
    b"'; DROP TABLE items; --.csv",
    b"$(touch pwned).csv",
)
ITEMS = "it\"em's; DROP TABLE items; -- <b>$x$.csv"
HEADERS = {"item_id": "item\"'; DROP TABLE x; --", "family": "<img src=x onerror=pwned()>", "unit_cost": "=1+1"}
Say = Callable[[int], str]


def hostile_client(folder: Path, turn: int = 0) -> Path:
    """The client; `turn` shifts which string names what."""
    written = _written(folder, lambda place: TEXTS[(place + turn) % len(TEXTS)])
    (folder / "logo.svg").write_text(LOGO, encoding="utf-8")
    for name in FILE_NAMES:
        with suppress(OSError):  # not every system takes every name
            (folder / os.fsdecode(name)).write_bytes(b"a,b\n1,2\n")
    return written


def harmless_client(folder: Path) -> Path:
    """Its twin."""
    written = _written(folder, lambda place: f"Plain name {place % len(TEXTS):03d}")
    (folder / "logo.svg").write_text(PLAIN_LOGO, encoding="utf-8")
    return written


def _written(folder: Path, say: Say) -> Path:
    small_client(folder)
    tables = {path.stem: pd.read_csv(path, dtype=str, keep_default_na=False) for path in sorted(folder.glob("*.csv"))}
    tables = _more_families(tables)
    names = _names(tables, say)
    for name, table in tables.items():
        for column in contract.table(name).columns:
            if column.names in names and column.name in table:
                known = names[column.names]
                table[column.name] = [known.get(value, value) for value in table[column.name]]
    lines = tables["order_lines"]
    lines["expedite_cost"] = [say(place) for place in range(len(TEXTS))] + list(lines["expedite_cost"][len(TEXTS) :])
    tables["items"] = tables["items"].rename(columns=HEADERS)
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False, quoting=csv.QUOTE_ALL)
    (folder / "items.csv").rename(folder / ITEMS)
    (folder / "settings.yaml").write_text(_yaml(_settings(folder, names, say)), encoding="utf-8")
    (folder / "notes.yaml").write_text(_yaml(_notes(say)), encoding="utf-8")
    return folder


def _more_families(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Each family becomes several: its items are dealt out, its other rows repeated."""
    items = tables["items"]
    items["family"] += " " + (items.groupby("family").cumcount() % FAMILIES).astype(str)
    parts = pd.DataFrame({"part": map(str, range(FAMILIES))})
    made = {}
    for name, table in tables.items():
        if "family" in table and "item_id" not in table:
            is_of_one = table["family"] != ""
            spread = table[is_of_one].merge(parts, how="cross")
            spread["family"] += " " + spread["part"]
            key = next((column for column in ("decision_id",) if column in spread), None)
            if key:
                spread[key] += "-" + spread["part"]
            made[name] = pd.concat([spread.drop(columns="part"), table[~is_of_one]], ignore_index=True)
        else:
            made[name] = table
    return made


def _names(tables: dict[str, pd.DataFrame], say: Say) -> dict[str, dict[str, str]]:
    """What every text becomes, by the kind of name it is, so that references between tables still hold."""
    found: dict[str, set[str]] = defaultdict(set)
    for name, table in tables.items():
        for column in contract.table(name).columns:
            if column.names and column.names not in KNOWN_BY_HEART and column.name in table:
                found[column.names] |= set(table[column.name]) - {""}
    subjects = found.pop("subject", set())
    start, names = 0, {}
    for kind in sorted(found):
        names[kind] = dict(_renamed(sorted(found[kind]), kind, start, say))
        start += len(found[kind])
    known = {old: new for kind in SUBJECTS for old, new in names[kind].items()}
    names["subject"] = {old: known.get(old, old) for old in subjects}
    return names


def _renamed(olds: list[str], kind: str, start: int, say: Say) -> Iterator[tuple[str, str]]:
    """A string each; beyond those there are, and where the intake would take two for the same, the old name stays."""
    met = set()
    for place, old in enumerate(olds):
        text = say(start + place)
        long = place >= len(TEXTS) or kind in TELLING
        new = f"{text[:200]} {old}" if long else text
        new = new if new.strip().casefold() not in met | {"", "null", "#n/a"} else f"{text[:200]} {old}"
        met.add(new.strip().casefold())
        yield old, new


def _settings(folder: Path, names: dict[str, dict[str, str]], say: Say) -> dict[str, Any]:
    told = yaml.safe_load((folder / "settings.yaml").read_text(encoding="utf-8"))
    families = list(names["family"].values())
    return told | {
        "client": f"{say(4)} {say(0)}",
        "critical_families": families[:3],
        "critical_resources": list(names["resource"].values())[:2],
        "branding": {"name": say(14), "logo": "logo.svg", "colour": "#004d40"},
        "kpi_words": {"volume": {"maximise": [say(1), say(60)]}},
        "situation_words": {"T1": [say(2)]},
        "tables": {"items": {"file": ITEMS, "columns": HEADERS}},
    }


def _notes(say: Say) -> dict[str, Any]:
    """Every string, as a note or as an action agreed."""
    said = [say(place) for place in range(len(TEXTS))]
    actions = [{"action": text, "owner": text, "status": "open"} for text in said if text.strip()]
    return {
        "general": {"note": "\n\n".join(said), "actions": actions[::2]},
        "signs": {"late_forecast_changes": {"note": "\n\n".join(said), "actions": actions[1::2]}},
    }


def _yaml(content: dict[str, Any]) -> str:
    return yaml.safe_dump(content, allow_unicode=False, sort_keys=False)
