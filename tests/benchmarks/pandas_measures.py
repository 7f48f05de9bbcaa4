"""The three heaviest measures as a good pandas user would write them: what the kit's are timed and checked against.

Written from the definitions, not from the kit's expressions: whole months, the published forecast in stage
`consensus`, units that are families, and everything known by the end of the extract. Heaviest by processor time of a
diagnosis of 20 M rows before its passes were shared: late changes 15 s, revisions 13 s, the quick checks 14 s.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

CELL = ["item_id", "location_id", "period"]
LAUNCH_POOL, PHASE_OUT = 6, 3
REAL_CHANGE = 0.05


def unit_revisions(store: Path, reach: int) -> pd.DataFrame:
    """How far each family's forecast moved from one cycle to the next, by `cycle`, `unit`, `period`, `lag`."""
    rows = _revised(store, reach)
    rows = rows.assign(revision=rows["quantity"] - rows["earlier"])
    sums = rows.groupby(["cycle", "family", "period", "lag"], as_index=False)[["revision", "earlier"]].sum()
    return sums.rename(columns={"family": "unit"})


def late_changes(store: Path, fence: int) -> pd.DataFrame:
    """Cycles in which a family's forecast inside the fence moved by more than 5 %: `label`, `family`, `ruled`."""
    rows = _revised(store, fence, "rule_id")
    moved = rows["quantity"] - rows["earlier"]
    rows = rows.assign(net=moved, gross=moved.abs(), ruled=moved.abs().where(rows["rule_id"].notna(), 0.0))
    amounts = ["net", "earlier", "gross", "ruled"]
    by_period = rows.groupby(["cycle", "family", "period"], as_index=False)[amounts].sum()
    by_period["net"] = by_period["net"].abs()
    cells = by_period.groupby(["cycle", "family"], as_index=False)[amounts].sum()
    late = cells[cells["net"] > REAL_CHANGE * cells["earlier"]]
    return late.assign(ruled=late["ruled"] >= late["gross"] / 2)[["cycle", "family", "ruled"]].rename(
        columns={"cycle": "label"}
    )


def pulse(store: Path) -> pd.DataFrame:
    """The quick checks of every cycle that has one: stability of both plans, cost of compensation, OTIF."""
    forecast = _read(store, "forecast_snapshots", ["cycle", *CELL, "quantity"], [("stage", "==", "consensus")])
    plan = _read(store, "production_plan_snapshots", ["cycle", "resource_id", "item_id", "period", "quantity"])
    costs = _read(store, "compensation_costs", ["period", "amount"])
    checks = {
        "forecast_stability": _stability(forecast, CELL),
        "production_plan_stability": _stability(plan, ["resource_id", "item_id", "period"]),
        "compensation_cost": costs.groupby("period")["amount"].sum(),
        "otif": _otif(store),
    }
    return pd.DataFrame(checks).rename_axis("cycle").reset_index()


def _revised(store: Path, reach: int, *columns: str) -> pd.DataFrame:
    """The forecast of settled items beside that of the month before, with `family` and `lag` below `reach`."""
    rows = _read(
        store, "forecast_snapshots", ["cycle", *CELL, "quantity", *columns], [("stage", "==", "consensus")]
    ).sort_values("cycle")
    before = rows.groupby(CELL)[["quantity", "cycle"]].shift()
    rows = rows.assign(
        earlier=before["quantity"],
        step=_months(before["cycle"], rows["cycle"]),
        lag=_months(rows["cycle"], rows["period"]),
    )
    rows = rows[(rows["step"] == 1) & (rows["lag"] < reach)]
    rows = rows.merge(_read(store, "items", ["item_id", "family", "launch_date", "end_date"]), on="item_id")
    seen_from = rows["period"] - pd.DateOffset(months=reach)
    launched = rows["launch_date"].isna() | (rows["launch_date"] + pd.DateOffset(months=LAUNCH_POOL) <= seen_from)
    continues = rows["end_date"].isna() | (rows["period"] + pd.DateOffset(months=PHASE_OUT) < rows["end_date"])
    return rows[launched & continues]


def _stability(rows: pd.DataFrame, by: list[str]) -> pd.Series:
    """1 − Σ|change| / Σ quantity before, over what two consecutive snapshots share, by cycle."""
    rows = rows.sort_values("cycle")
    snapshot = rows["cycle"].rank(method="dense")
    before = rows.assign(snapshot=snapshot).groupby(by)[["quantity", "snapshot"]].shift()
    shared = rows.assign(moved=(rows["quantity"] - before["quantity"]).abs(), earlier=before["quantity"])
    shared = shared[before["snapshot"] == snapshot - 1]
    sums = shared.groupby("cycle")[["moved", "earlier"]].sum()
    sums = sums[sums["earlier"] > 0]
    return 1 - (sums["moved"] / sums["earlier"]).clip(upper=1)


def _otif(store: Path) -> pd.Series:
    """Share of order lines delivered in full by their first promise, by the month they were due."""
    columns = ["requested_on", "promised_on", "delivered_on", "ordered_quantity", "delivered_quantity"]
    lines = _read(store, "order_lines", columns)
    due = lines["promised_on"].fillna(lines["requested_on"])
    kept = (lines["delivered_on"] <= due) & (lines["delivered_quantity"] >= lines["ordered_quantity"])
    return kept.groupby(due.dt.to_period("M").dt.to_timestamp()).mean()


def _months(earlier: pd.Series, later: pd.Series) -> pd.Series:
    return (later.dt.year - earlier.dt.year) * 12 + later.dt.month - earlier.dt.month


def _read(
    store: Path, table: str, columns: list[str], filters: list[tuple[str, str, str]] | None = None
) -> pd.DataFrame:
    dates = {"date_as_object": False}
    return pd.read_parquet(store / f"{table}.parquet", columns=columns, filters=filters, to_pandas_kwargs=dates)
