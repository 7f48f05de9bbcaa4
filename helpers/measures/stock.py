"""Stock against the risk it should cover: required safety stock, buffers by family, and how buffers are changed.

Glossary
    required stock   z · sigma: the safety stock that the service target asks for (z from the target, sigma from `risk`)
    ratio            λ: safety stock in force over required stock, both at unit value
    usual            the ratio a family began with (median of its first six labels), at least 0.9: a formula that is
                     more careful than ours is a policy, no creep; one that is less careful may catch up to a tenth
                     below our need, which is as well as need can be estimated
    began            the ratio a family began with, at most one: what lies above it was added
    asked for        a raise is asked for up to the usual ratio times the largest need of the last four labels, or in
                     step with demand
                     (rounded to nine decimals: the engine adds in parallel, its last digits differ from run to run)
    exposure         mean demand of a period and required stock: what stock in hand is there for
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from scipy import stats

from helpers import periods
from helpers.engagement import Engagement, once
from helpers.measures.demand import demand
from helpers.measures.intervals import in_intervals
from helpers.measures.items import PRICE_TO_COST, is_established
from helpers.measures.joins import beside
from helpers.measures.risk import ITEM, MEMORY, NODE, Basis, node_risk, trailing
from helpers.memory import alike

WINDOW = 6
SMALLEST_NEED = 0.05
LEAST_USUAL = 0.90
NEED_REMEMBERED = 4


def node_key(engagement: Engagement) -> list[str]:
    """Item and location where demand knows the locations of the stock; else the item alone."""
    rows = {"demand": demand(engagement), "stock": engagement.table("inventory_snapshots")}
    known = {name: set(engagement.frame(t.select("location_id").distinct())["location_id"]) for name, t in rows.items()}
    return NODE if known["demand"] & known["stock"] else ITEM


@once
def stock_nodes(engagement: Engagement, basis: Basis) -> ir.Table:
    """Stock and required stock of every node with demand in the last 12 buckets, at the end of each interval.

    Returns
    -------
    One row per `label`, `item_id` and `location_id` (`all` where demand knows no locations), held in the engine:
    `family`, `unit_value`, `lot`, `on_hand`, `backorders`, `safety_stock` (units; missing where not sent),
    `mean_demand`, `sigma`, `required`, `swing` (relative to required). Items in their first six cycles or within three
    of their end are left out.
    """
    key = node_key(engagement)
    stock = _closing_stock(engagement, key)
    masters = _masters(engagement)
    risk = node_risk(engagement, key, basis)
    known = stock.inner_join(risk, [*key, "bucket"]).inner_join(masters, "item_id")
    known = known.filter(
        is_established(known, known.label, engagement.settings.bucket), known.mean_demand > 0, known.sigma > 0
    )
    rows = known.mutate(required=known.z * known.sigma, swing=known.swing / (2 * known.sigma * known.sigma))
    location = rows.location_id if "location_id" in key else ibis.literal("all")
    lot = ibis.coalesce(rows.lot_size, rows.receipt, ibis.literal(0.0))
    columns = ("label", "position", "item_id", "family", "unit_value", "on_hand", "backorders", "safety_stock")
    kept = rows.select(*columns, "mean_demand", "sigma", "required", "swing", location_id=location, lot=lot)
    return engagement.hold(kept)


def _closing_stock(engagement: Engagement, key: list[str]) -> ir.Table:
    """Stock of the last bucket of each interval; receipts are what the stock rose by beside the demand met."""
    rows = in_intervals(engagement, engagement.table("inventory_snapshots"), "period")
    sums = rows.group_by(*key, "bucket", "label", "position", "is_last").aggregate(
        on_hand=rows.on_hand.sum(), safety_stock=rows.safety_stock.sum(), owed=rows.backorders.sum()
    )
    asked = demand(engagement)
    short = _shortage_days(engagement, key)
    met = asked.group_by(*key, bucket=asked.period).aggregate(asked=asked.quantity.sum())
    joined = beside(beside(sums, met, [*key, "bucket"]), short, [*key, "bucket"])
    before = joined.on_hand.lag().over(ibis.window(group_by=key, order_by="bucket"))
    receipt = joined.on_hand - before + joined.asked
    dated = joined.mutate(receipt=ibis.ifelse(receipt > 0, receipt, ibis.null("float64")))
    lots = dated.mutate(receipt=dated.receipt.median().over(trailing(key)))
    backorders = lots.owed if engagement.has("inventory_snapshots.backorders") else lots.short
    return lots.mutate(backorders=backorders.fill_null(0.0)).filter(lots.is_last)


def _shortage_days(engagement: Engagement, key: list[str]) -> ir.Table:
    """Units missed where backorders were not sent: demand of the days without stock, else order lines past due."""
    if engagement.has("actual_demand.stockout_days") or not engagement.has("order_lines"):
        rows = engagement.table("actual_demand")
        days = periods.bucket_end(rows.period, engagement.settings.bucket).delta(rows.period, unit="day")
        missed = rows.quantity * rows.stockout_days.fill_null(0.0) / days
        return rows.mutate(missed=missed).group_by(*key, bucket=rows.period).aggregate(short=missed.sum())
    lines = engagement.table("order_lines")
    from helpers.measures.intervals import intervals

    ends = ibis.memtable(intervals(engagement)[["bucket", "ends_on"]])
    due = lines.mutate(due_on=ibis.coalesce(lines.promised_on, lines.requested_on))
    closes = periods.bucket_end(periods.bucket_of(due.due_on, engagement.settings.bucket), engagement.settings.bucket)
    overdue = due.filter(due.delivered_on.isnull() | (due.delivered_on >= closes))  # few, before they are spread
    dated = overdue.cross_join(ends)
    is_open = dated.delivered_on.isnull() | (dated.delivered_on >= dated.ends_on)
    late = dated.filter(dated.due_on < dated.ends_on, dated.due_on >= dated.bucket - ibis.interval(days=92), is_open)
    return late.group_by(*key, "bucket").aggregate(short=late.ordered_quantity.sum())


def _masters(engagement: Engagement) -> ir.Table:
    """Family, value, lot and z of each item, from masters only, so that an as-of run values stock like a full run."""
    items = engagement.table("items")
    targets = engagement.frame(items.select("service_target").distinct())["service_target"].dropna()
    usual = engagement.settings.service_target
    table = pd.DataFrame({"service_target": [*targets, usual]}).drop_duplicates()
    factors = ibis.memtable(table.assign(z=stats.norm.ppf(table["service_target"].clip(0.51, 0.9999))))
    named = items.mutate(service_target=items.service_target.fill_null(usual))
    joined = named.inner_join(factors, "service_target")
    return joined.select(
        "item_id", "family", "launch_date", "end_date", "lot_size", "z",
        unit_value=ibis.coalesce(joined.unit_cost, joined.unit_price * PRICE_TO_COST, ibis.literal(1.0)),
    )  # fmt: skip


def family_buffers(nodes: ir.Table, engagement: Engagement) -> pd.DataFrame:
    """Safety stock, required stock and stock in hand at unit value, and how safety stock was raised.

    Parameters
    ----------
    nodes
        From `stock_nodes`.

    Returns
    -------
    One row per `label` and `family`: `safety` and `required` (currency, of nodes with a safety stock), `ratio` λ =
    safety / required; `usual` (see above); `swing` (how far this label's squared errors lay from their mean, relative
    to required); `on_hand`, `exposure` (mean demand and required stock, of all nodes); `excess` (safety over required
    at the ratio it began with, item by item); `raised` (safety stock raised since the label before, item by item),
    `unasked` (the part of it that was not asked for, less the cuts of that label), `beyond` (raises over the last six
    labels not asked for, less all cuts; 0 where cuts prevail), `crept` (the same over the safety stock before them),
    `known_on`.
    """
    held = nodes.safety_stock.notnull()
    needed = nodes.required * nodes.unit_value
    sums = nodes.group_by("label", "family").aggregate(
        safety=(nodes.safety_stock * nodes.unit_value).sum(),
        required=needed.sum(where=held),
        swing=(needed * nodes.swing).sum(where=held),
        on_hand=(nodes.on_hand * nodes.unit_value).sum(),
        exposure=((nodes.mean_demand + nodes.required) * nodes.unit_value).sum(),
    )
    sums = _with_usual(sums)
    sums = beside(sums, _raises(nodes, sums.select("label", "family", "usual", "began")), ["label", "family"])
    frame = engagement.frame(sums.drop("began"))
    required = frame["required"].where(frame["required"] > 0)
    return frame.assign(
        ratio=(frame["safety"] / required).round(9),
        usual=frame["usual"].round(9),
        crept=frame["crept"].round(9),
        swing=frame["swing"] / required,
        known_on=engagement.calendar.known_on(frame["label"], "fact"),
    )


def _with_usual(sums: ir.Table) -> ir.Table:
    """Beside each label the ratio its family began with, as known then."""
    so_far = ibis.window(group_by="family", order_by="label", preceding=None, following=0)
    ratio = sums.safety / sums.required.nullif(0.0)
    place = ibis.row_number().over(ibis.window(group_by="family", order_by="label"))
    first = sums.mutate(early=ibis.ifelse(place < WINDOW, ratio, ibis.null("float64")))
    start = first.early.median().over(so_far)
    return first.mutate(usual=ibis.greatest(start, LEAST_USUAL), began=ibis.least(start, 1.0)).drop("early")


def _raises(nodes: ir.Table, usual: ir.Table) -> ir.Table:
    """How safety stock moved, item by item over all its locations: a transfer between them is no raise.

    A safety stock is a parameter and known exactly; only what risk asks for is estimated. Therefore the largest need of
    the last labels counts as asked for, and cuts of other items are set against raises.
    """
    held = nodes.filter(nodes.safety_stock.notnull())
    worth = held.unit_value
    items = held.group_by("label", "family", "item_id").aggregate(
        safety=(held.safety_stock * worth).sum(),
        needed=(held.required * worth).sum(),
        demand=(held.mean_demand * worth).sum(),
    )
    items = beside(items, usual, ["label", "family"]).mutate(
        needed=lambda t: t.needed * t.usual, excess=lambda t: ibis.greatest(t.safety - t.needed * t.began, 0.0)
    )
    of_item = ibis.window(group_by="item_id", order_by="label", preceding=WINDOW, following=0)
    recent = ibis.window(group_by="item_id", order_by="label", preceding=NEED_REMEMBERED - 1, following=0)
    last = ibis.window(group_by="item_id", order_by="label", preceding=1, following=0)
    moves = items.mutate(
        start=items.safety.first().over(of_item),
        before=items.safety.first().over(last),
        growth=ibis.greatest(items.demand / items.demand.first().over(of_item), 1.0),
        need=items.needed.max().over(recent),
    )
    beyond = ibis.greatest(moves.safety - ibis.greatest(moves.start * moves.growth, moves.need), 0.0).sum()
    cut = ibis.greatest(moves.start - moves.safety, 0.0).sum()
    unasked = ibis.greatest(moves.safety - ibis.greatest(moves.before, moves.need), 0.0).sum()
    lowered = ibis.greatest(moves.before - moves.safety, 0.0).sum()
    return moves.group_by("label", "family").aggregate(
        excess=moves.excess.sum(),
        raised=ibis.greatest(moves.safety - moves.before, 0.0).sum(),
        unasked=ibis.greatest(unasked - lowered, 0.0),
        beyond=ibis.greatest(beyond - cut, 0.0),
        crept=ibis.greatest(beyond - cut, 0.0) / moves.start.sum().nullif(0.0),
    )


def carrying_cost(rows: pd.DataFrame, engagement: Engagement) -> pd.DataFrame:
    """What holding `excess` (currency) costs over each `label`, `family` by family, at the rate in the settings.

    The stock at the end of a label counts for all its buckets: three months where plans are made each quarter.

    Returns
    -------
    `label`, `unit` (the family), `amount` (currency, of that label, not annualised).
    """
    rate = engagement.settings.carrying_cost_rate / periods.PER_YEAR[engagement.settings.bucket]
    buckets = engagement.calendar.buckets(rows["label"])
    return rows[["label"]].assign(unit=rows["family"], amount=rows["excess"] * rate * buckets)


@alike
def surely_above(families: pd.DataFrame, confidence: float = 0.90, draws: int = 999, block: int = 3) -> pd.Series:
    """Lower bound of λ by bootstrap of the last 12 labels in blocks of three, one value per row of `family_buffers`.

    The labels are drawn for all families together, so that a shock common to them stays common; seeded.
    """
    swings = families.pivot(index="label", columns="family", values="swing").sort_index()
    parts = []
    for row, label in enumerate(swings.index):
        window = np.nan_to_num(swings.iloc[max(0, row + 1 - MEMORY) : row + 1].to_numpy(float))
        drawn = window[_blocks(len(window), block, draws)].mean(axis=1) - window.mean(axis=0)
        factor = np.quantile(1 / np.clip(1 + drawn, SMALLEST_NEED, None), 1 - confidence, axis=0)
        parts.append(pd.DataFrame({"label": label, "family": swings.columns, "factor": factor}))
    factors = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["label", "family", "factor"])
    joined = families[["label", "family", "ratio"]].merge(factors, on=["label", "family"], how="left")
    return pd.Series((joined["ratio"] * joined["factor"]).to_numpy(float), index=families.index)


def _blocks(length: int, block: int, draws: int) -> np.ndarray:
    """Row numbers of `draws` circular block resamples of `length` rows."""
    generator = np.random.default_rng(8)
    starts = generator.integers(0, length, size=(draws, int(np.ceil(length / block))))
    return ((starts[:, :, None] + np.arange(block)).reshape(draws, -1) % length)[:, :length]


def risk_scaled_stock(families: pd.DataFrame, chosen: set[str], base: int = WINDOW, snapshots: int = 3) -> pd.DataFrame:
    """Stock in hand over mean demand and required stock of `chosen` families, against its own start.

    Returns
    -------
    One row per `label` with three snapshots: `scaled` Λ, `growth` = Λ over the median of the first six, `known_on`.
    """
    inside = families[families["family"].isin(chosen)]
    sums = inside.groupby("label", as_index=False).agg(
        on_hand=("on_hand", "sum"), exposure=("exposure", "sum"), known_on=("known_on", "max")
    )
    level = sums["on_hand"] / sums["exposure"].where(sums["exposure"] > 0)
    sums = sums.assign(scaled=level.rolling(snapshots).mean()).dropna(subset=["scaled"]).reset_index(drop=True)
    start = sums["scaled"].head(base).median()
    return sums.assign(growth=(sums["scaled"] / start).where(sums.index >= base))[
        ["label", "scaled", "growth", "known_on"]
    ]


@alike
def ratchet(families: pd.DataFrame, fewest: int = 5) -> tuple[float, float, float]:
    """Whether safety stock follows need upward faster than downward.

    Each family's log required stock is centred on its log safety stock, unless they agreed at the start (λ of the first
    six within 0.8 to 1.25).

    Returns
    -------
    Share of a shortfall closed per label, share of an excess closed, and the one-sided p-value that the first is larger
    (regression with heteroscedasticity-robust errors, HC3); missing with fewer than five gaps of each sign.
    """
    import statsmodels.api as sm

    rows = families[(families["safety"] > 0) & (families["required"] > 0)].sort_values(["family", "label"])
    log_safety, log_required = np.log(rows["safety"]), np.log(rows["required"])
    difference = (log_safety - log_required).groupby(rows["family"])
    first = np.log(rows["ratio"]).groupby(rows["family"]).transform(lambda r: r.head(WINDOW).median())
    centre = difference.transform("median").where((first < np.log(0.8)) | (first > np.log(1.25)), 0.0)
    held = log_safety.groupby(rows["family"]).shift()
    gap = (log_required + centre - held).to_numpy()
    step = (log_safety - held).to_numpy()
    known = np.isfinite(gap) & np.isfinite(step)
    short, over = np.clip(gap[known], 0, None), np.clip(gap[known], None, 0)
    if min((short > 0).sum(), (over < 0).sum()) < fewest or np.ptp(step[known]) == 0:
        return np.nan, np.nan, np.nan
    fit = sm.OLS(step[known], np.column_stack([short, over])).fit(cov_type="HC3")
    test = fit.t_test(np.array([1.0, -1.0]))
    p_value = float(stats.norm.sf(float(np.squeeze(test.tvalue))))
    return float(fit.params[0]), float(fit.params[1]), p_value
