"""S06 otif_by_compensation: customers get their orders, but only because overtime and urgent freight rent the service.

Why it matters
    A service level that holds hides everything behind it. The money spent to hold it appears in no forecast and on no
    agenda, and when it can no longer be spent the service falls at once.
How it is measured
    While on-time-in-full delivery stays within two points of its target: the share of order lines that were on time
    only because an expedite saved the days (propped gap), the share of on-time lines that were expedited, and the
    compensation costs over the cost of goods sold at a fixed mix of families. Where decisions are kept, money that a
    decision of the cycle covers is governed and does not count. The pattern must hold, or costs must rise while service
    stands still.
What it cannot tell
    What would really have happened without the rescue: the propped gap is an accounting bound. Overtime is booked on a
    resource: its share of the output is taken off the lines of the items made there, beside the gap that decides;
    where orders do not tell the items it is in no bound. Freight the customer paid, contracted night shifts and costs
    booked gross instead of as a premium look like compensation. A volatile business that pays for agreed overtime may
    sit above the cost limit in good health: where no decisions are kept, set the limit to its own allowance.
Source
    APQC definition of expedited freight; propped gap, cost limits and the hold-and-rise test are this kit's own
    definitions, the test sized by simulation. Tried as breaches on 28 healthy simulated clients of two generators and
    18 with this fault, and left as description: the change chart of the compensation share (self-starting Q:
    Quesenberry 1991; CUSUM) added no breach to any of them; on the money no decision covers it raised 5 healthy ones to
    isolated and let none recur earlier. Unplanned overtime in the gap that decides, where slack is below the days
    gained, raised 5 healthy ones, one of them to recurring, and let one faulty client recur two cycles earlier.
    The trend of the uncovered money in place of all money as confirmation changed no status of 56 calibration clients.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from helpers.engagement import Engagement
from helpers.errors import NotAssessable
from helpers.evidence import Chart, Evidence, Limit, Look, Metric, Path, Remedies, Sign
from helpers.judgement.breach import limits_in_force, make_flags, passes_count_guard, severity
from helpers.judgement.confirm import UNDECIDED, Outcome, Test, at_each_cycle, often_reaches
from helpers.judgement.trend import cusum, mann_kendall
from helpers.measures.compensation import compensation, compensation_share
from helpers.measures.coverage import RESCUE_WORDS, has_governance
from helpers.measures.decisions import decided_families
from helpers.measures.governed import ungoverned_compensation
from helpers.measures.overtime_lines import NEEDS as LINKED
from helpers.measures.overtime_lines import propped_bounds
from helpers.measures.service import backorder_service, service

OWN = "definition of this kit, default by judgement"
DELIVERED = "order_lines.delivered_on"
BASE = (
    "financials | items.unit_cost | items.unit_price | purchase_orders.standard_price | purchase_orders.unit_price"
    " | order_lines.unit_price"
)

SIGN = Sign(
    number=6,
    key="otif_by_compensation",
    cluster="capacity",
    title="OTIF held by compensation",
    question="What would service have been without overtime and urgent transport?",
    board="Customers still get their orders, but only because we pay overtime and urgent freight: service is rented.",
    unit="company",
    judged="company",
    limits={
        "propped_gap": Limit(0.025, 0.08, "share of order lines", OWN),
        "expedited_share": Limit(0.10, 0.20, "share of on-time lines", OWN),
        "compensation_share": Limit(0.005, 0.015, "share of cost of goods sold", OWN),
        "compensation_index": Limit(1.5, 2.5, "times the dearest of the first six cycles", OWN),
    },
    paths=(
        Path(
            "full",
            "full",
            (DELIVERED, "order_lines.expedited", "order_lines.days_saved", "compensation_costs", BASE),
        ),
        Path("reduced A", "reduced", (DELIVERED, "order_lines.expedited", "compensation_costs", BASE)),
        Path("minimum A", "minimum", (DELIVERED, "compensation_costs", BASE)),
        Path("minimum B", "minimum", (DELIVERED, "order_lines.expedited")),
        Path("minimum A without a cost base", "minimum", (DELIVERED, "compensation_costs"), raise_only=True),
        Path(
            "minimum C",
            "minimum",
            ("inventory_snapshots.backorders", "actual_demand", "compensation_costs", BASE),
            raise_only=True,
        ),
    ),
    questions=(
        "What would OTIF have been last month with no overtime and no urgent transport?",
        "Who approves an urgent shipment, and does anybody add them up?",
        "Which customers' orders are rescued, and do they earn it?",
    ),
    remedies=Remedies(
        trade_off_rules="Who is protected at what cost, and when a backorder is acceptable.",
        exceptions="A monthly list of the ten dearest rescues with their causes, critical service first.",
        cadence_and_roles="Compensation cost stands on the S&OP agenda beside OTIF; one person approves rescues.",
    ),
)

JUDGED_BY = {
    "full": ("propped_gap", "compensation_share"),
    "reduced A": ("expedited_share", "compensation_share"),
    "minimum A": ("compensation_share",),
    "minimum B": ("expedited_share",),
    "minimum A without a cost base": ("compensation_index",),
    "minimum C": ("compensation_share",),
}
TITLES = {
    "propped_gap": "Order lines on time only because they were rescued",
    "expedited_share": "Expedited lines among those on time in full",
    "compensation_share": "Compensation costs that no decision covers, over cost of goods sold at a fixed mix",
    "propped_gap_most": "Propped gap if every expedite, and unplanned overtime linked to lines, was needed",
    "propped_gap_overtime": "Propped gap with the lines that unplanned overtime gained in time",
    "cost_chart": "Compensation share against its own past, on a chart that alarms at 1",
    "gross_share": "All compensation costs, over cost of goods sold at a fixed mix",
    "compensation_index": "Compensation costs against the dearest of the first six cycles",
}
GATE_POINTS = 0.02
FIRST_LABELS = 6
HEALTHY_EXPEDITED = 0.05
OFTEN = 4
LAST_LABELS = 3
FEWEST_FOR_TREND, SURE_FOR_TREND = 8, 12
SMALL = 0.01
LEVEL, EARLY_LEVEL = 0.05, 0.025


def gather(engagement: Engagement, path: Path) -> Evidence:
    """Evidence that service holds and what it costs, one company-wide value per label."""
    limits = limits_in_force(SIGN, engagement.settings)
    names = JUDGED_BY[path.name]
    rows = _measured(engagement, path)
    if rows.empty or rows[list(names)].notna().sum().max() == 0:
        raise NotAssessable(
            "no closed cycle has both deliveries due and what rescuing them took", (DELIVERED, "compensation_costs")
        )
    calendar = engagement.calendar
    known = rows.assign(known_on=calendar.known_on(rows["label"], "fact"))
    return Evidence(
        path=path,
        flags=make_flags(_breaches(rows, names, limits), calendar, "fact"),
        metrics=_metrics(rows, names, limits),
        contributions=_contributions(engagement, path),
        charts=_charts(engagement, path, rows, names, limits),
        basis=_basis(engagement, rows),
        confirmations=pd.concat(
            [at_each_cycle(calendar, known, title, test) for title, test in _tests(path, limits).items()],
            ignore_index=True,
        ),
        discriminators=_discriminators(engagement, rows, names, limits),
    )


def _measured(engagement: Engagement, path: Path) -> pd.DataFrame:
    """Service and its price by label: `otif`, `holds`, and the metrics of the path."""
    rows = backorder_service(engagement) if path.name == "minimum C" else propped_bounds(engagement)
    if engagement.has("compensation_costs"):
        price = compensation_share(engagement)[["label", "amount", "share", "share_fixed_mix"]]
        rows = rows.merge(price, on="label", how="left", validate="one_to_one")
        rows = rows.rename(columns={"share_fixed_mix": "gross_share"})
        uncovered = rows["gross_share"] * _counted(engagement, rows["label"])
        rows["compensation_share"] = uncovered.mask(rows["gross_share"] == 0, 0.0)
        rows["compensation_index"] = rows["amount"] / _early(rows["amount"], "max")
    rows = rows.sort_values("label", ignore_index=True)
    if "gross_share" in rows:
        rows["cost_chart"] = _charted(rows["gross_share"])
    target = engagement.settings.otif.target
    rows["target"] = target if target is not None else _early(rows["otif"], "median")
    return rows.assign(holds=rows["otif"] >= rows["target"] - GATE_POINTS)


def _charted(share: pd.Series) -> pd.Series:
    known = share[share > 0]
    return pd.Series(cusum(np.log(known.to_numpy(float))), index=known.index).reindex(share.index)


def _counted(engagement: Engagement, labels: pd.Series) -> pd.Series:
    """Share of each label's money that no decision covers; all of it where decisions are not kept at all."""
    if not has_governance(engagement):
        return pd.Series(1.0, index=labels.index)
    return labels.map(_ungoverned_share(engagement))


def _ungoverned_share(engagement: Engagement) -> pd.Series:
    """Missing where nothing was spent, and before the first decision: a log that had not begun tells nothing."""
    sums = ungoverned_compensation(engagement).set_index("label")
    decisions = engagement.table("decisions")
    begun = engagement.frame(decisions.aggregate(first=decisions.raised_on.min()))["first"].iloc[0]
    told = begun < engagement.calendar.known_on(sums.index.to_series(), "fact")
    return (sums["ungoverned"] / sums["amount"].where(sums["amount"] > 0)).where(told)


def _early(values: pd.Series, how: str) -> pd.Series:
    """Median or highest of the first six values; before the sixth, of those up to then, so that none changes later."""
    return values.expanding().agg(how).where(values.notna().cumsum() <= FIRST_LABELS).ffill()


def _breaches(rows: pd.DataFrame, names: tuple[str, ...], limits: dict[str, Limit]) -> pd.DataFrame:
    """A label breaches when service holds and any metric reaches its limit; worst severity counts."""
    reached = pd.concat([_reached(rows, name, limits[name]) for name in names], axis=1)
    hit = reached.max(axis=1).where(rows["holds"], 0.0)
    value = rows[list(names)].bfill(axis=1).iloc[:, 0].where(rows["otif"].notna())
    return pd.DataFrame({"label": rows["label"], "value": value, "breach": hit > 0, "severity": hit})


def _reached(rows: pd.DataFrame, name: str, limit: Limit) -> pd.Series:
    reached = severity(rows[name], limit)
    if name != "expedited_share":
        return reached
    return reached.where(passes_count_guard(rows["rescued"], rows["kept"], HEALTHY_EXPEDITED), 0.0)


def _tests(path: Path, limits: dict[str, Limit]) -> dict[str, Test]:
    names = JUDGED_BY[path.name]
    money = next((name for name in names if name.startswith("compensation")), None)
    tests: dict[str, Test] = {}
    if money:
        tests["service holds while its cost rises"] = hold_and_rise(money)
    if money == "compensation_share":
        tests["cost of rescue at red in four of six"] = often_reaches(money, limits[money].red, OFTEN)
    for name in [n for n in names if n in ("propped_gap", "expedited_share")]:
        tests[f"{TITLES[name].lower()}: four of six"] = often_reaches(name, limits[name].amber, OFTEN)
    if path.name == "minimum B":
        tests["service holds while expedites rise"] = hold_and_rise("expedited_share")
    return tests


@cache
def hold_and_rise(price: str) -> Test:
    """Service holds while its price rises.

    Median OTIF of the last three labels within two points of that of the first six, and an upward trend of ln `price`,
    a hundredth of its mean added so that a label without cost counts. Trend by Mann–Kendall: p ≤ 5 %, with 8 to 11
    labels p ≤ 2.5 %; cannot tell with fewer. Not met where service does not hold.
    """

    def test(known: pd.DataFrame) -> Outcome:
        rows = known.dropna(subset=["otif", price])
        if len(rows) < FEWEST_FOR_TREND:
            return UNDECIDED
        before, now = rows["otif"].head(FIRST_LABELS).median(), rows["otif"].tail(LAST_LABELS).median()
        if now < before - GATE_POINTS:
            return False, float("nan")
        paid = rows[price].to_numpy(float)
        if not paid.any():
            return False, float("nan")
        p_value = mann_kendall(np.log(paid + SMALL * paid.mean()))
        return bool(p_value <= (LEVEL if len(rows) >= SURE_FOR_TREND else EARLY_LEVEL)), p_value

    return test


def _metrics(rows: pd.DataFrame, names: tuple[str, ...], limits: dict[str, Limit]) -> tuple[Metric, ...]:
    by_label = rows.set_index("label")
    judged = [Metric(n, TITLES[n], by_label[n], "fact", limits[n], limits[n].unit) for n in names]
    described = [
        Metric("otif", "Order lines on time in full", by_label["otif"], "fact", None, "share of order lines"),
        *(_described(by_label, "propped_gap_most", TITLES["propped_gap_most"], "share of order lines")),
        *(_described(by_label, "cost_chart", TITLES["cost_chart"], "of the alarm height")),
        *(_described(by_label, "gross_share", TITLES["gross_share"], "share of cost of goods sold")),
        *(_described(by_label, "compensation_cost", "Compensation costs", "currency")),
        *(_described(by_label, "cost_per_propped_point", "Compensation cost per point of OTIF held by it", "currency")),
    ]
    if "propped_gap" in names:
        described += _described(
            by_label, "propped_gap_overtime", TITLES["propped_gap_overtime"], "share of order lines"
        )
    if "expedited_share" not in names and "rescued" in by_label and by_label["rescued"].sum() > 0:
        described += _described(by_label, "expedited_share", TITLES["expedited_share"], "share of on-time lines")
    return (*judged, *described)


def _described(by_label: pd.DataFrame, name: str, title: str, unit: str) -> list[Metric]:
    if name == "compensation_cost" and "amount" in by_label:
        return [Metric(name, title, by_label["amount"], "fact", None, unit)]
    if name == "cost_per_propped_point" and {"amount", "propped_gap"} <= set(by_label):
        points = (100 * by_label["propped_gap"]).where(by_label["propped_gap"] > 0)
        return [Metric(name, title, by_label["amount"] / points, "fact", None, unit)] if points.notna().any() else []
    return [Metric(name, title, by_label[name], "fact", None, unit)] if name in by_label else []


def _contributions(engagement: Engagement, path: Path) -> pd.DataFrame:
    """Money by family, resource and supplier, rescued lines by segment; lines by family where no costs were sent."""
    found = []
    with_money = engagement.has("compensation_costs")
    if with_money:
        for column, dimension in (("family", "family"), ("resource_id", "resource"), ("supplier_id", "supplier")):
            spent = compensation(engagement, column).dropna(subset=[column])
            found.append(spent.rename(columns={column: "value"}).assign(dimension=dimension))
    if engagement.has("order_lines", "order_lines.expedited"):
        wanted = [("customer_segment", "segment")] + ([] if with_money else [("family", "family")])
        for column, dimension in wanted:
            saved = service(engagement, column).dropna(subset=[column])
            found.append(saved.rename(columns={column: "value", "rescued": "amount"}).assign(dimension=dimension))
    both = pd.concat(found, ignore_index=True)
    return both.loc[both["amount"] > 0, ["label", "dimension", "value", "amount"]].reset_index(drop=True)


def _discriminators(
    engagement: Engagement, rows: pd.DataFrame, names: tuple[str, ...], limits: dict[str, Limit]
) -> pd.DataFrame:
    """D3: share of the money (else of the rescued lines) that no decision of the cycle covers; D5: known in advance."""
    found = [_foreseen(rows, names, limits)]
    if has_governance(engagement):
        money = engagement.has("compensation_costs")
        share = _ungoverned_share(engagement) if money else _undecided_rescues(engagement)
        found.append(pd.DataFrame({"label": share.index, "name": "D3", "value": share.to_numpy()}))
    return pd.concat(found, ignore_index=True).dropna(subset=["value"]).reset_index(drop=True)


def _foreseen(rows: pd.DataFrame, names: tuple[str, ...], limits: dict[str, Limit]) -> pd.DataFrame:
    """D5: 1 where a metric had reached its limit in the mean of the three labels before, so it could be planned."""
    before = pd.concat([rows[n].shift().rolling(LAST_LABELS).mean() / limits[n].amber for n in names], axis=1)
    reach = before.max(axis=1)
    return pd.DataFrame(
        {"label": rows["label"], "name": "D5", "value": (reach >= 1).astype(float).where(reach.notna())}
    )


def _undecided_rescues(engagement: Engagement) -> pd.Series:
    saved = service(engagement, "family")
    decided = decided_families(engagement, RESCUE_WORDS).assign(decided=True)
    both = saved.merge(decided, on=["label", "family"], how="left", validate="many_to_one")
    both["orphan"] = both["rescued"].where(both["decided"].isna(), 0)
    sums = both.groupby("label")[["rescued", "orphan"]].sum()
    return sums["orphan"] / sums["rescued"].where(sums["rescued"] > 0)


def _charts(
    engagement: Engagement, path: Path, rows: pd.DataFrame, names: tuple[str, ...], limits: dict[str, Limit]
) -> tuple[Chart, ...]:
    headline = names[0]
    charts = (
        [_service_chart(engagement, rows)]
        if "unaided" in rows and path.name in ("full", "reduced A", "minimum B")
        else []
    )
    if engagement.has("compensation_costs"):
        spent = compensation(engagement, "kind").rename(columns={"label": "cycle"})
        charts.append(
            Chart("stack", "What it cost to hold it", spent, "cycle", "amount", "kind", engagement.settings.currency,
                  reading="Each colour is a kind of rescue; a pile that grows under flat service is rented service.")
        )  # fmt: skip
    if len(charts) < 2:
        values = rows.rename(columns={"label": "cycle", headline: "value"})[["cycle", "value"]].assign(
            series=TITLES[headline]
        )
        limit = limits[headline]
        charts.append(
            Chart("trend", TITLES[headline], values, "cycle", "value", "series", limit.unit, limit,
                  "In the shaded zone the service is paid for.")
        )  # fmt: skip
    return tuple(charts)


def _service_chart(engagement: Engagement, rows: pd.DataFrame) -> Chart:
    """The gap is the headline's where the days saved were sent, else the bound that counts every expedite."""
    lowest, named = (rows["kept"] - rows["rescued"]) / rows["lines"], "without expedited lines"
    lines = {"as delivered": rows["otif"], named: lowest, "target": rows["target"]}
    gap, shaded = ("as delivered", named, "at most bought"), "was expedited, so at most that much was bought"
    if engagement.has("order_lines.days_saved"):
        lines = {"as delivered": rows["otif"], "without the days saved": rows["unaided"] / rows["lines"]} | lines
        gap, shaded = ("as delivered", "without the days saved", "bought"), "was kept only by the days saved"
    tidy = pd.concat([pd.DataFrame({"cycle": rows["label"], "otif": v, "series": name}) for name, v in lines.items()])
    return Chart(
        "trend", "OTIF earned and bought", tidy.reset_index(drop=True), "cycle", "otif", "series", "share", None,
        f"The shaded part {shaded}; below the lowest line nothing was expedited.",
        Look(in_order=True, beside=("target",), gap=gap),
    )  # fmt: skip


def _basis(engagement: Engagement, rows: pd.DataFrame) -> str:
    words = [
        f"{int(rows['lines'].sum())} lines due in {len(rows)} cycles; it held in {int(rows['holds'].sum())} of them"
    ]
    if engagement.settings.otif.target is None:
        words.append("no target was set, so the median of the first six cycles stands in")
    if not engagement.has("order_lines.delivered_quantity"):
        words.append("no delivered quantity was sent, so on time alone counts")
    if "propped_gap_most" in rows and not engagement.has(*LINKED):
        words.append("overtime could not be linked to order lines, so what it held is in neither bound of the gap")
    if "amount" in rows:
        words.append(f"compensation costs in {int(rows['amount'].notna().sum())} cycles")
    if rows["holds"].tail(LAST_LABELS).eq(False).sum() >= LAST_LABELS - 1:
        words.append("service is already broken: it missed its target in most of the last three cycles")
    return "; ".join(words) + "."
