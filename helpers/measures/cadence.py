"""Does the cadence fit: how fast the client plans and decides, beside how fast supply can answer.

Glossary
    lead          cumulative lead time of a family (days): what is bought takes so long, plus what is made
    protection    how long the safety stock of a family covers its mean demand (days)
    reaction      half a cycle until the next meeting, plus the time a decision takes (days)
    inside        a plan change of a period that opens before the lead time has passed: too late to buy or make for it

Definitions and limits are this kit's own, defaults by judgement.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import pandas as pd

from helpers.engagement import Engagement
from helpers.measures import forecast, schedule, stock
from helpers.measures.decisions import decision_quality, kaplan_meier_median
from helpers.measures.demand import NEEDS as DEMAND
from helpers.measures.items import critical_families, family_weights
from helpers.measures.risk import DAYS

WINDOW = 6
MEMORY = 12
NEARLY_ALL = 0.80
LONGEST_FENCE = 1.5
NAN = float("nan")


@dataclass(frozen=True, eq=False)
class Times:
    """The client's clock, in days; a time that could not be measured is missing.

    `cycle` between published plans and as `planned` in the roles, `deciding` from raised to decided, `executing` from
    decided to executed, `fence` of the forecast. `families`: one row per `family` with `lead`, `protection`, `critical`
    and `fit` of the fence.
    """

    cycle: float
    planned: float
    deciding: float
    executing: float
    fence: float
    families: pd.DataFrame

    @property
    def reaction(self) -> float:
        """Half a cycle and a decision: how long a problem waits on average."""
        return self.cycle / 2 + self.deciding

    @property
    def protection(self) -> float:
        """Days of protection that half of the critical families with a known one do not exceed."""
        return float(self.families.loc[self.families["critical"], "protection"].median())

    @property
    def lead(self) -> float:
        """Median cumulative lead time of the families."""
        return float(self.families["lead"].median())


def times(engagement: Engagement) -> Times:
    """The client's clock as known on the as-of date."""
    planned = planned_cycle(engagement)
    cycle = cycle_length(engagement)
    fence = engagement.settings.demand_fence * DAYS[engagement.settings.bucket]
    return Times(
        cycle=planned if pd.isna(cycle) else cycle,
        planned=planned,
        deciding=deciding_days(engagement),
        executing=executing_days(engagement),
        fence=fence,
        families=family_times(engagement).assign(fit=lambda f: fence_fit(f, fence)),
    )


def cycle_length(engagement: Engagement) -> float:
    """Median days between the cycles at which a plan was published; missing with fewer than two."""
    return float(engagement.calendar.plan_cycles.to_series().diff().dt.days.median())


def planned_cycle(engagement: Engagement) -> float:
    """Median `cadence_days` of the steps of the process; missing where none was sent."""
    rows = engagement.frame(engagement.table("process_roles").select("step", "cadence_days"))
    return float(rows["cadence_days"].median())


def deciding_days(engagement: Engagement) -> float:
    """Days from raised to decided, Kaplan–Meier median of the last six labels as sign 10 measures it."""
    if not engagement.has("decisions.decided_on"):
        return NAN
    quality = decision_quality(engagement)
    if quality.empty:
        return NAN
    last = quality.tail(1)
    closes = engagement.calendar.known_on(last["label"], "fact")
    return float((last["latency"] * (closes - last["label"]).dt.days).iloc[0])


def executing_days(engagement: Engagement) -> float:
    """Days from decided to executed, Kaplan–Meier median over the last six labels; open ones are censored."""
    if not engagement.has("decisions.decided_on", "decisions.executed_on"):
        return NAN
    rows = engagement.frame(engagement.table("decisions").select("decision_id", "decided_on", "executed_on"))
    recent = rows[rows["decided_on"] >= _since(engagement, WINDOW)]
    days = (recent["executed_on"].fillna(engagement.as_of) - recent["decided_on"]).dt.days.clip(lower=0)
    return kaplan_meier_median(days.to_numpy(float), recent["executed_on"].notna().to_numpy())


def _since(engagement: Engagement, labels: int) -> pd.Timestamp:
    return engagement.calendar.cycles[-labels - 1 :][0]


def family_times(engagement: Engagement) -> pd.DataFrame:
    """Lead time and protection of every family.

    Returns
    -------
    One row per `family`: `lead` = the days within which four of five purchases of the last twelve labels came, plus
    the same of production orders; where nothing was received or finished, the planned days; missing where neither is
    known. `protection` (days) see `protection_days`. `critical`.
    """
    families = engagement.frame(engagement.table("items").select("family").distinct())["family"].dropna()
    parts = pd.concat([_bought_days(engagement), _made_days(engagement)], axis=1).reindex(families)
    critical = critical_families(engagement, family_weights(engagement))
    last = critical[critical["label"] == critical["label"].max()].set_index("family")["critical"]
    return pd.DataFrame(
        {
            "family": list(families),
            "lead": parts.sum(axis=1, min_count=1).to_numpy(float),
            "protection": protection_days(engagement).reindex(families).to_numpy(float),
            "critical": families.map(last).fillna(False).astype(bool).to_numpy(),
        }
    ).sort_values("family", ignore_index=True)


def _bought_days(engagement: Engagement) -> pd.Series:
    items = engagement.table("items").select("item_id", "family", of_item="supplier_id")
    suppliers = engagement.table("suppliers").select("supplier_id", supplier_days=ibis._.planned_lead_time_days)
    if engagement.has("purchase_orders"):
        orders = engagement.table("purchase_orders").inner_join(items, "item_id")
        recent = orders.filter(ibis.coalesce(orders.received_on, orders.ordered_on) >= _day(engagement))
        lines = recent.left_join(suppliers, "supplier_id")
        planned: ir.Value = ibis.coalesce(lines.planned_lead_time_days, lines.supplier_days)
        return _four_of_five(engagement, lines, lines.received_on.delta(lines.ordered_on, unit="day"), planned)
    bought = items.inner_join(suppliers, items.of_item == suppliers.supplier_id)
    return _four_of_five(engagement, bought, bought.supplier_days, bought.supplier_days)


def _made_days(engagement: Engagement) -> pd.Series:
    items = engagement.table("items").select("item_id", "family")
    orders = engagement.table("production_orders").inner_join(items, "item_id")
    recent = orders.filter(orders.planned_start >= _day(engagement))
    took = recent.actual_finish.delta(recent.planned_start, unit="day").clip(lower=0)
    return _four_of_five(engagement, recent, took, recent.planned_finish.delta(recent.planned_start, unit="day"))


def _day(engagement: Engagement) -> ir.TimestampScalar:
    return ibis.timestamp(str(_since(engagement, MEMORY)))


def _four_of_five(engagement: Engagement, rows: ir.Table, took: ir.Value, planned: ir.Value) -> pd.Series:
    days = rows.group_by("family").aggregate(took=took.quantile(NEARLY_ALL), planned=planned.quantile(NEARLY_ALL))
    frame = engagement.frame(days).set_index("family").astype(float)
    return frame["took"].fillna(frame["planned"])


def protection_days(engagement: Engagement) -> pd.Series:
    """Days that safety stock covers mean demand, at unit value when the last interval closed, by family.

    Where no safety stock was sent, the days that stock less backorders covers; missing without demand.
    """
    if not engagement.has("inventory_snapshots", DEMAND):
        return pd.Series(dtype=float)
    nodes = stock.stock_nodes(engagement, "forecast" if engagement.has("forecast_snapshots") else "demand")
    buffers = engagement.has("inventory_snapshots.safety_stock")
    held = nodes.safety_stock if buffers else nodes.on_hand - nodes.backorders
    known = nodes.mutate(held=held).filter(lambda n: n.held.notnull())
    sums = known.group_by("label", "family").aggregate(
        held=(known.held * known.unit_value).sum(), demand=(known.mean_demand * known.unit_value).sum()
    )
    frame = engagement.frame(sums)
    last = frame[frame["label"] == frame["label"].max()].set_index("family")
    covered: pd.Series = last["held"] / last["demand"].where(last["demand"] > 0)
    return covered * DAYS[engagement.settings.bucket]


def fence_fit(families: pd.DataFrame, fence: float) -> pd.Series:
    """What a fence of so many days does to each family: `too short`, `too long`, `fits`, or missing.

    Too short: what it still lets change can no longer be bought or made and is not covered by stock. Too long: it
    ends after one and a half lead times and blocks changes that would do no harm.
    """
    lead = families["lead"]
    fit = pd.Series("fits", index=families.index, dtype=object)
    fit = fit.mask(fence < lead - families["protection"], "too short").mask(fence > LONGEST_FENCE * lead, "too long")
    unknown = lead.isna() | (families["protection"].isna() & (fence < lead))
    return fit.mask(unknown, None)


def moved_inside(engagement: Engagement, families: pd.DataFrame) -> float:
    """Share of plan movement in periods inside the lead time of their family, over the last six cycles.

    From the production plan, else from the published forecast; families without a lead time are left out. Missing
    where nothing moved.
    """
    if engagement.has(schedule.PLAN):
        changes = schedule.plan_changes(engagement)
        moved: ir.Value = changes.moved_work
    elif engagement.has("forecast_snapshots"):
        changes = forecast.item_revisions(engagement, forecast.far_lag(engagement))
        moved = (changes.quantity - changes.earlier).abs()
    else:
        return NAN
    cells = engagement.frame(changes.group_by("cycle", "family", "period").aggregate(moved=moved.sum()))
    recent = cells[cells["cycle"].isin(sorted(cells["cycle"].unique())[-WINDOW:])]
    known = recent.merge(families[["family", "lead"]].dropna(), on="family", validate="many_to_one")
    inside = (known["period"] - known["cycle"]).dt.days < known["lead"]
    total = float(known["moved"].sum())
    return float(known.loc[inside, "moved"].sum()) / total if total > 0 else NAN
