"""The forecast as it was published, cycle by cycle: snapshots, revisions, errors."""

from __future__ import annotations

import ibis.expr.types as ir
import pandas as pd

from helpers import periods
from helpers.engagement import Engagement
from helpers.measures.items import is_established

STAGES = ("consensus", "operations", "sales", "statistical")


def published(engagement: Engagement) -> ir.Table:
    """The published forecast: `cycle`, `item_id`, `location_id`, `period`, `quantity` ≥ 0 (units), `rule_id`, `reason_code`.

    Stage `consensus`; where no row has it, the latest stage sent (operations, sales, statistical).
    """
    snapshots = engagement.table("forecast_snapshots")
    return snapshots.filter(snapshots.stage == published_stage(engagement)).drop("stage")


def published_stage(engagement: Engagement) -> str:
    """The stage that stands for the published forecast in this extract."""
    snapshots = engagement.table("forecast_snapshots")
    sent = set(engagement.frame(snapshots.select("stage").distinct())["stage"])
    return next((stage for stage in STAGES if stage in sent), STAGES[0])


def family_forecast(engagement: Engagement) -> pd.DataFrame:
    """Published forecast of established items, one row per `cycle`, `family`, `period`: `quantity` (units) and `lag`.

    Items in the launch pool or about to end are left out, so that a launch does not look like a revision.
    """
    items = engagement.table("items")
    rows = published(engagement).inner_join(items.select("item_id", "family", "launch_date", "end_date"), "item_id")
    settled = rows.filter(is_established(rows, rows.cycle, engagement.settings.bucket))
    frame = engagement.frame(settled.group_by("cycle", "family", "period").aggregate(quantity=settled.quantity.sum()))
    return frame.assign(lag=periods.lag(frame["cycle"], frame["period"], engagement.settings.bucket))
