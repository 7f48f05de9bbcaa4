"""The same client sent another way: in another order, in other files, in other units, in another currency."""

from __future__ import annotations

import gzip
import json
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from helpers import contract
from helpers.compare import recorded
from helpers.diagnosis import diagnose, open_engagement
from tests.robustness.figures import Bench, Figure, counted
from tests.robustness.small import small_client

Json = dict[str, Any]
CLOSE = 1e-6  # what rounding to six decimals leaves of a ratio near 1
SAME = ("status", "first_warning_cycle", "breached_cycles", "recurring_cycles", "trend", "cause", "missing", "path")


@dataclass(frozen=True)
class Units:
    """How many of the new units are one of the old: of quantities, and of money."""

    quantity: float = 1.0
    money: float = 1.0

    def factor(self, unit: str) -> float:
        """Of a column, or of a metric, by its unit in the contract or in the findings."""
        return {
            "units": self.quantity,
            "currency": self.money,
            "currency per unit": self.money / self.quantity,
            "hours per unit": 1 / self.quantity,
        }.get(unit, 1.0)


UNITS = {
    "pieces in thousands, money in cents": Units(quantity=0.001, money=100.0),
    "dozens in pieces, another currency": Units(quantity=12.0, money=7.46),
}


def figures(bench: Bench) -> Iterator[Figure]:
    """The small client as it is, shuffled, and in other units."""
    data = small_client(bench.folder / "data")
    whole = findings(data, bench.folder / "whole")
    shuffled = findings(shuffle(data, bench.folder / "shuffled", 1), bench.folder / "of shuffled")
    said = "" if shuffled == whole else f"another text; {differences(whole, shuffled, Units())[:3]}"
    yield counted("rows, columns and files in another order or kind", "equal to the last byte", {"all at once": said})
    outcomes = {}
    for name, units in UNITS.items():
        bench.say(f"  {name}")
        found = findings(in_units(data, bench.folder / name, units), bench.folder / f"of {name}")
        outcomes[name] = "; ".join(differences(whole, found, units)[:3])
    yield counted("other units and currencies", "same verdicts and ratios", outcomes)


def findings(data: Path, out: Path) -> Json:
    """What `diagnose` writes of a client."""
    found: Json = json.loads(json.dumps(recorded(diagnose(open_engagement(data, out)))))
    return found


def shuffle(data: Path, target: Path, seed: int) -> Path:
    """Rows and columns in another order, columns nobody knows among them, every other table zipped, some as Parquet."""
    draw = random.Random(seed)
    target.mkdir()
    for number, path in enumerate(sorted(data.glob("*.csv"))):
        rows = pd.read_csv(path, dtype=str, keep_default_na=False).assign(remark="of no matter", Werk="1000")
        turned = rows.iloc[draw.sample(range(len(rows)), len(rows))][draw.sample(list(rows), rows.shape[1])]
        if number % 3 == 0:
            turned.to_parquet(target / f"{path.stem}.parquet", row_group_size=500)
        elif number % 3 == 1:
            (target / f"{path.name}.gz").write_bytes(gzip.compress(turned.to_csv(index=False).encode()))
        else:
            turned.to_csv(target / path.name, index=False)
    shutil.copy(data / "settings.yaml", target)
    return target


def in_units(data: Path, target: Path, units: Units) -> Path:
    """Every quantity, price, amount and standard time in other units, as the contract says of its column."""
    shutil.copytree(data, target)
    for table in contract.TABLES:
        path = target / f"{table.name}.csv"
        if not path.exists():
            continue
        rows = pd.read_csv(path, dtype=str, keep_default_na=False)
        for column in table.columns:
            if column.name in rows and units.factor(column.unit) != 1.0:
                rows[column.name] = rows[column.name].map(_times(units.factor(column.unit)))
        rows.to_csv(path, index=False)
    return target


def _times(factor: float) -> Callable[[str], str]:
    return lambda cell: f"{float(cell) * factor:.15g}" if cell else cell


def differences(before: Json, after: Json, units: Units) -> list[str]:
    """Where the second says anything else than the first, once its money and quantities are put back."""
    found = []
    for old, new in zip(before["signs"], after["signs"], strict=True):
        found += [f"{old['key']} {key}: {old[key]} → {new[key]}" for key in SAME if old[key] != new[key]]
        found += [
            f"{old['key']} {name}: {was} → {now}"
            for (name, was), now in zip(_numbers(old, Units()).items(), _numbers(new, units).values(), strict=True)
            if not _alike(was, now)
        ]
    for old, new in zip(before["pulse"], after["pulse"], strict=True):
        put_back = {**new, "compensation_cost": _over(new["compensation_cost"], units.money)}
        found += [f"pulse {old['cycle']} {k}: {old[k]} → {v}" for k, v in put_back.items() if not _alike(old[k], v)]
    return found


def _numbers(sign: Json, units: Units) -> dict[str, float | None]:
    """Strength, cost, shares and metrics of a sign, in the units of the first."""
    shares = {f"share of {driver['value']}": driver["share"] for driver in sign["drivers"]}
    metrics = {
        f"{metric['name']} {cycle}": _over(value, units.factor(metric["unit"]))
        for metric in sign["metrics"]
        for cycle, value in metric["cycles"].items()
    }
    cost = _over(sign["cost"]["amount"], units.money)
    return {"strength": sign["strength"], "cost": cost, **shares, **metrics}


def _over(value: float | None, factor: float) -> float | None:
    return None if value is None else value / factor


def _alike(one: Any, other: Any) -> bool:
    if not isinstance(one, float | int) or not isinstance(other, float | int):
        return bool(one == other)
    return abs(one - other) <= CLOSE * max(1.0, abs(one))
