"""Late forecast changes and who allowed them: the share without a rule, an approval or an exogenous event behind it."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pandas as pd

from helpers import periods
from helpers.engagement import Engagement, once
from helpers.measures.forecast import item_revisions, item_units

SYSTEM_CHURN = 0.01
CODED_AT_LEAST = 0.10
CODED_WINDOW = 12
SNAPSHOT_NEEDS = "forecast_snapshots.rule_id"
LOG_NEEDS = "forecast_changes.rule_id | forecast_changes.approved_by"


@once
def late_changes(engagement: Engagement, reach: int) -> pd.DataFrame:
    """Changes of settled items, how many of them coded and how many late ones uncovered.

    Covered is a change with a rule, an approval, or an exogenous event known by then that meets its item or family
    and its target or cycle. A reason covers nothing: it says why, not who allowed it. Changes below 1 % of the forecast
    are system churn and left out.

    Returns
    -------
    One row per `label` (cycle, plan-timed) and `unit`: `late` and `uncovered` = Σ|change| inside the fence, `all` and
    `coded` = Σ|change| at every lag below `reach` (units). From the snapshots where they carry codes, else from the
    log, whose changes belong to the first cycle from their date on.
    """
    rows = _coded_revisions(engagement, reach) if engagement.has(SNAPSHOT_NEEDS) else _logged(engagement)
    real = rows.filter(rows.change.abs() >= SYSTEM_CHURN * rows.earlier, rows.change != 0)
    sized = _with_events(engagement, real)
    fence = engagement.settings.demand_fence
    inside = sized.period < sized.label + _span(engagement, fence)
    size = sized.change.abs()
    open_late = inside & ~sized.covered & ~sized.exogenous
    totals = sized.group_by("label", "unit").aggregate(
        late=ibis.ifelse(inside, size, 0.0).sum(),
        uncovered=ibis.ifelse(open_late, size, 0.0).sum(),
        all=size.sum(),
        coded=ibis.ifelse(sized.coded, size, 0.0).sum(),
    )
    return engagement.frame(totals)


def _span(engagement: Engagement, steps: int) -> ir.IntervalScalar:
    month = engagement.settings.bucket == "month"
    return ibis.interval(months=steps) if month else ibis.interval(weeks=steps)


def _coded_revisions(engagement: Engagement, reach: int) -> ir.Table:
    rows = item_revisions(engagement, reach)
    has_rule, has_reason = rows.rule_id.notnull(), rows.reason_code.notnull()
    near = rows.filter(rows.period < rows.cycle + _span(engagement, reach))
    return near.select(
        "unit",
        "item_id",
        "family",
        "period",
        "earlier",
        label=near.cycle,
        change=near.quantity - near.earlier,
        covered=has_rule,
        coded=has_rule | has_reason,
    )


def _logged(engagement: Engagement) -> ir.Table:
    log = engagement.table("forecast_changes")
    bucket = engagement.settings.bucket
    opened = periods.bucket_of(log.changed_on, bucket)
    label = ibis.ifelse(opened == log.changed_on, opened, periods.bucket_end(opened, bucket))
    allowed, has_reason = log.rule_id.notnull() | log.approved_by.notnull(), log.reason_code.notnull()
    rows = log.select(
        "item_id",
        "period",
        "function",
        label=label,
        earlier=log.old_quantity,
        change=log.new_quantity - log.old_quantity,
        covered=allowed,
        coded=allowed | has_reason,
    )
    items = engagement.table("items").select("item_id", "family")
    return rows.inner_join(ibis.memtable(item_units(engagement)), "item_id").inner_join(items, "item_id")


def _with_events(engagement: Engagement, rows: ir.Table) -> ir.Table:
    """`rows` with `exogenous`: an exogenous event, known at the label, meets the item or family in target or cycle."""
    if not engagement.has("events.exogenous"):
        return rows.mutate(exogenous=ibis.literal(value=False))
    events = engagement.table("events")
    shocks = events.filter(events.exogenous).select(
        "subject_id",
        "starts_on",
        known=ibis.coalesce(events.known_on, events.starts_on),
        until=ibis.coalesce(events.ends_on, events.starts_on),
    )
    one = _span(engagement, 1)
    meets_target = (shocks.starts_on < rows.period + one) & (shocks.until >= rows.period)
    meets_cycle = (shocks.starts_on < rows.label + one) & (shocks.until >= rows.label - one)
    subject = (shocks.subject_id == rows.item_id) | (shocks.subject_id == rows.family)
    met = rows.inner_join(shocks, [subject, shocks.known <= rows.label, meets_target | meets_cycle])
    cells = met.select("label", "item_id", "period").distinct().mutate(met=ibis.literal(value=True))
    joined = rows.left_join(cells, ["label", "item_id", "period"])
    return joined.select(*rows.columns, exogenous=joined.met.fill_null(ibis.literal(value=False)))


def uncovered_share(changes: pd.DataFrame, cycles: pd.DatetimeIndex) -> pd.Series:
    """URC: share of late change without cover, by label; missing where nothing was changed late.

    Missing too while codes are hardly kept: less than 10 % of all change of the last twelve cycles coded.

    Parameters
    ----------
    changes
        From `late_changes`.
    """
    totals = changes.groupby("label")[["late", "uncovered", "all", "coded"]].sum().reindex(cycles)
    recent = totals[["all", "coded"]].fillna(0.0).rolling(CODED_WINDOW, min_periods=1).sum()
    kept = recent["coded"] / recent["all"].where(recent["all"] > 0) >= CODED_AT_LEAST
    share = totals["uncovered"] / totals["late"].where(totals["late"] > 0)
    return share.where(kept).rename("uncovered_share")


def uncovered_by_unit(changes: pd.DataFrame, revisions: pd.DataFrame, fence: int) -> pd.DataFrame:
    """Late change without cover, unit by unit, where the client keeps codes.

    Parameters
    ----------
    changes
        From `late_changes`.
    revisions
        From `measures.forecast.unit_revisions`.

    Returns
    -------
    One row per `label` and `unit`: `uncovered_share` of its late change, `uncovered_volume` = uncovered change over the
    forecast inside the fence.
    """
    inside = revisions[revisions["lag"] < fence]
    held = inside.groupby(["cycle", "unit"])["earlier"].sum().rename_axis(["label", "unit"]).reset_index(name="held")
    rows = changes.merge(held, on=["label", "unit"], validate="one_to_one")
    kept = uncovered_share(changes, pd.DatetimeIndex(sorted(changes["label"].unique()))).notna()
    rows = rows[rows["label"].map(kept).fillna(value=False).astype(bool)]
    return rows[["label", "unit"]].assign(
        uncovered_share=rows["uncovered"] / rows["late"].where(rows["late"] > 0),
        uncovered_volume=rows["uncovered"] / rows["held"].where(rows["held"] > 0),
    )


@once
def late_changes_by_function(engagement: Engagement) -> pd.DataFrame:
    """Late changes in the log, one row per `label` and `function`: `amount` = Σ|change| inside the fence (units)."""
    rows = _logged(engagement)
    late = rows.filter(rows.period < rows.label + _span(engagement, engagement.settings.demand_fence))
    totals = late.group_by("label", "function").aggregate(amount=late.change.abs().sum())
    return engagement.frame(totals)
