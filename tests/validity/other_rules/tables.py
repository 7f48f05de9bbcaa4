"""What happened, as the extract a client would hand over in the contract's layout."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.validity.other_rules import days
from tests.validity.other_rules.client import MISSING_CYCLES, Client, stream
from tests.validity.other_rules.company import BRANCHES, CELLS, OVERTIME_RATE, SUPPLIERS, Company
from tests.validity.other_rules.floor import Floor
from tests.validity.other_rules.governance import Voices
from tests.validity.other_rules.market import Market
from tests.validity.other_rules.planning import Capacity, Planner
from tests.validity.other_rules.service import inflation
from tests.validity.other_rules.supply import BY

FENCE = 2
LOGGED_FROM = 0.02
COVERED = 0.96
STAGES = ("statistical", "sales", "operations", "consensus")


def forecast_snapshots(company: Company, market: Market, spoken: Voices, seed: int) -> pd.DataFrame:
    """Four stages of each month's forecast; changes inside the fence carry their reason and, if allowed, the rule."""
    said = np.exp(spoken.view[:2])[:, :, company.family_number, None] * market.forecast
    stages = np.round(np.stack([market.forecast, *said, market.consensus]))[:, days.WARM_UP :]
    g, m, i, k = (a.ravel() for a in np.indices(stages.shape))
    table = pd.DataFrame(
        {
            "month": m + days.WARM_UP,
            "cycle": days.periods(m + days.WARM_UP),
            "item_id": company.ids[i],
            "period": days.periods(m + k + days.WARM_UP),
            "stage": np.array(STAGES, dtype=object)[g],
            "quantity": stages.ravel(),
        }
    )
    allowed, reason = change_codes(market, seed)
    late = (g == len(STAGES) - 1) & (k < FENCE)
    at = (m + days.WARM_UP, i, np.minimum(k, FENCE - 1))
    table["reason_code"] = np.where(late, reason[at], None)
    table["rule_id"] = np.where(late & allowed[at], "R-01", None)
    return table


def change_codes(market: Market, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Whether each forecast inside the fence is covered by the rule, and its reason, `[m, i, k]`."""
    draw = stream(seed, "cover").random(market.consensus[:, :, :FENCE].shape)
    talked = market.talked[:, :, :FENCE]
    return ~talked & (draw < COVERED), np.where(talked, "sales call", "order received").astype(object)


def forecast_changes(company: Company, market: Market, seed: int) -> pd.DataFrame:
    """The log of changes inside the fence, day by day."""
    random = stream(seed, "change days")
    new = market.consensus[1:, :, :FENCE]
    old = market.consensus[:-1, :, 1 : FENCE + 1]
    back = random.integers(1, 9, new.shape)
    allowed, reason = (a[1:] for a in change_codes(market, seed))
    m, i, k = np.nonzero((np.abs(new - old) >= LOGGED_FROM * old) & (old > 0))
    m, i, k = (a[m + 1 >= days.WARM_UP] for a in (m, i, k))
    covered = allowed[m, i, k]
    return pd.DataFrame(
        {
            "changed_on": days.dates(days.MONTH_DAY[m + 1] - back[m, i, k]),
            "cycle": days.periods(m + 1),
            "item_id": company.ids[i],
            "period": days.periods(m + 1 + k),
            "old_quantity": old[m, i, k],
            "new_quantity": new[m, i, k],
            "function": np.where(reason[m, i, k] == "sales call", "sales", "demand planning"),
            "reason_code": reason[m, i, k],
            "rule_id": np.where(covered, "R-01", None),
            "approved_by": np.where(covered, "Commercial Director", None),
        }
    )


def production_plan_snapshots(company: Company, planner: Planner) -> pd.DataFrame:
    """The plan as published each month."""
    made = np.flatnonzero(company.made)
    plan = planner.plan[days.WARM_UP :, made]
    m, i, k = (a.ravel() for a in np.indices(plan.shape))
    table = pd.DataFrame(
        {
            "month": m + days.WARM_UP,
            "cycle": days.periods(m + days.WARM_UP),
            "resource_id": np.array(CELLS, dtype=object)[company.cell[made[i]]],
            "item_id": company.ids[made[i]],
            "period": days.periods(m + k + days.WARM_UP),
            "quantity": plan.ravel(),
            "hours": np.round(plan.ravel() * company.hours[made[i]], 2),
        }
    )
    runs = ~company.campaign[made[i]] | (table["quantity"] > 0)
    return table[runs].reset_index(drop=True)


def production_orders(company: Company, orders: pd.DataFrame) -> tuple[pd.DataFrame, dict[tuple[int, int], str]]:
    """Orders released since the first cycle, and their number by week and item."""
    kept = orders[(orders["planned_start"] >= days.START) & (orders["planned_start"] < days.AS_OF)]
    kept = kept.reset_index(drop=True)
    started, ended = kept["start"] < days.AS_OF, kept["finish"] < days.AS_OF
    item = kept["item"].astype(int).to_numpy()
    number = [f"W{60000 + n}" for n in range(len(kept))]
    table = pd.DataFrame(
        {
            "production_order_id": number,
            "resource_id": np.array(CELLS, dtype=object)[kept["cell"].astype(int)],
            "item_id": company.ids[item],
            "planned_start": days.dates(kept["planned_start"]),
            "planned_finish": days.dates(kept["planned_finish"]),
            "actual_start": days.dates(kept["start"], started),
            "actual_finish": days.dates(kept["finish"], ended),
            "planned_quantity": kept["quantity"],
            "actual_quantity": kept["good"].where(ended),
            "planned_sequence": kept["sequence"],
            "actual_sequence": kept["actual_sequence"].where(started),
            "standard_hours": kept["standard"].round(2),
            "actual_hours": kept["hours"].where(ended).round(2),
            "setup_hours": kept["setup"].where(ended).round(2),
            "queue_hours": kept["queue"].where(ended),
            "overtime_hours": kept["overtime"].where(ended).round(2),
        }
    )
    return table, dict(zip(zip(kept["week"].astype(int), item, strict=True), number, strict=True))


def schedule_changes(company: Company, floor: Floor, numbers: dict[tuple[int, int], str]) -> pd.DataFrame:
    """Changes to the week's sequence after its release."""
    rows = [(w, r, i, lacking) for w, r, i, lacking in floor.changes if (w, i) in numbers]
    week, cell, item, lacking = (np.array(column) for column in zip(*rows, strict=True))
    return pd.DataFrame(
        {
            "changed_on": days.dates(days.MONDAYS[week]),
            "resource_id": np.array(CELLS, dtype=object)[cell],
            "production_order_id": [numbers[w, i] for w, _, i, _ in rows],
            "item_id": company.ids[item],
            "change_type": "sequence",
            "reason_code": np.where(lacking, "material late", None),
            "scheduled_start": days.dates(days.MONDAYS[week] + 2),
        }
    )


def capacity_table(capacity: Capacity, planner: Planner) -> pd.DataFrame:
    """Hours of each cell: planned ones ahead, real ones once the month is over."""
    r, m = (a.ravel() for a in np.indices((len(CELLS), days.CYCLES + 1)))
    m = m + days.WARM_UP
    return pd.DataFrame(
        {
            "resource_id": np.array(CELLS, dtype=object)[r],
            "period": days.periods(m),
            "planned_hours": capacity.planned[r, m],
            "planned_overtime_hours": planner.agreed[r, m],
            "available_hours": np.where(m < days.MONTHS, capacity.available[r, m], np.nan),
        }
    )


def purchase_orders(client: Client, company: Company, bought: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Purchase order lines since the first cycle and the log of their dates."""
    rows = bought[(bought["ordered"] >= days.START) & (bought["ordered"] < days.AS_OF)].reset_index(drop=True)
    item = rows["item"].to_numpy()
    here, told = rows["received"] < days.AS_OF, rows["changed_on"] < days.AS_OF
    hurried = rows["expedited_on"] < days.AS_OF
    standard = company.cost[item] * inflation(client, days.month_of(rows["ordered"].to_numpy()))
    keys = pd.DataFrame(
        {
            "purchase_order_id": [f"P{1000 + n}" for n in rows.groupby(["ordered", "supplier"]).ngroup()],
            "line_id": (rows.groupby(["ordered", "supplier"]).cumcount() + 1).astype(str),
        }
    )
    lines = keys.assign(
        item_id=company.ids[item],
        supplier_id=rows["supplier"],
        location_id=np.array(BRANCHES, dtype=object)[rows["branch"]],
        ordered_on=days.dates(rows["ordered"]),
        due_on=days.dates(rows["due"]),
        needed_on=days.dates(rows["needed"]),
        planned_lead_time_days=rows["planned_lead"],
        rescheduled_due_on=days.dates(rows["new_due"], told),
        received_on=days.dates(rows["received"], here),
        ordered_quantity=rows["quantity"],
        received_quantity=rows["quantity"].where(here),
        unit_price=(standard * rows["price_factor"]).round(3),
        standard_price=standard.round(3),
        expedited=hurried,
        expedited_on=days.dates(rows["expedited_on"], hurried),
        expedite_cost=rows["expedite_cost"].where(hurried).round(2),
        reschedules=told.astype(int),
    )
    log = keys.assign(
        changed_on=days.dates(rows["changed_on"], told),
        old_due_on=days.dates(rows["due"]),
        new_due_on=days.dates(rows["new_due"], told),
        function=np.array(BY, dtype=object)[rows["by"].astype(int)],
    )
    return {"purchase_orders": lines, "purchase_order_changes": log[told].reset_index(drop=True)}


def order_lines(client: Client, company: Company, served: pd.DataFrame) -> pd.DataFrame:
    """Customer lines requested since the first cycle; what is not delivered by the end is open."""
    kept = served[(served["requested"] >= days.START) & (served["requested"] < days.AS_OF)].reset_index(drop=True)
    done = kept["delivered"] < days.AS_OF
    rushed = kept["couriered"] & done
    order = kept.groupby(["ordered", "customer", "branch"], sort=True)
    price = company.price[kept["item"]] * inflation(client, kept["month"].to_numpy())
    return pd.DataFrame(
        {
            "order_id": "C" + (70000 + order.ngroup()).astype(str),
            "line_id": (order.cumcount() + 1).astype(str),
            "item_id": company.ids[kept["item"]],
            "location_id": np.array(BRANCHES, dtype=object)[kept["branch"]],
            "customer_id": "K" + (100 + kept["customer"]).astype(str),
            "customer_segment": np.array(["Machine builders", "Maintenance", "Trade"], dtype=object)[
                kept["customer"] % 3
            ],
            "ordered_on": days.dates(kept["ordered"]),
            "requested_on": days.dates(kept["requested"]),
            "promised_on": days.dates(kept["requested"]),
            "delivered_on": days.dates(kept["delivered"], done),
            "ordered_quantity": kept["quantity"],
            "delivered_quantity": kept["shipped"].where(done, 0.0),
            "expedited": rushed,
            "expedite_cost": kept["courier_cost"].where(rushed),
            "days_saved": kept["saved"].where(rushed),
            "unit_price": price.round(2),
        }
    )


def stock_tables(
    company: Company, market: Market, supply: np.ndarray, buffers: list[np.ndarray], bought: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Stock at the end of each month, and unconstrained demand with the days that shelves were empty."""
    net = np.cumsum(supply - market.by_day, axis=2)
    m, b, i = (a.ravel() for a in np.indices((days.CYCLES, 2, len(company.base))))
    m = m + days.WARM_UP
    end = days.MONTH_DAY[m + 1]
    last = net[b, i, end - 1]
    owed = np.zeros((days.CYCLES, 2, len(company.base)))
    for c in range(days.CYCLES):
        day = days.MONTH_DAY[c + days.WARM_UP + 1]
        rows = bought[(bought["ordered"] < day) & (bought["received"] >= day)]
        np.add.at(owed[c], (rows["branch"], rows["item"]), rows["quantity"])
    empty = np.add.reduceat(net <= 0, days.MONTH_DAY[: days.MONTHS + 1], axis=2)[b, i, m]
    keys = pd.DataFrame({
        "period": days.periods(m), "item_id": company.ids[i], "location_id": np.array(BRANCHES, dtype=object)[b]
    })  # fmt: skip
    sold = market.index[i, m] > 0
    return {
        "actual_demand": keys.assign(
            quantity=market.by_month[b, i, m],
            stockout_days=empty,
        )[sold].reset_index(drop=True),
        "inventory_snapshots": keys.assign(
            on_hand=np.maximum(last, 0).round(),
            safety_stock=np.array(buffers)[m, b, i],
            backorders=np.maximum(-last, 0).round(),
            on_order=owed.ravel(),
        ),
    }  # fmt: skip


def money_tables(
    client: Client, company: Company, served: pd.DataFrame, bought: pd.DataFrame, floor: Floor
) -> dict[str, pd.DataFrame]:
    """What the rescue of the plan cost and what the business earned, by month and family."""
    rushed = served[served["couriered"]]
    chased = bought[bought["expedited_on"].notna()]
    premium = (chased["price_factor"] - 1) * chased["quantity"] * company.cost[chased["item"]]
    hours = pd.DataFrame(floor.overtime, columns=["month", "cell", "hours", "governed"])
    level = inflation(client, hours["month"].to_numpy())
    parts = [
        _spent("expedite_freight", rushed["delivered"], rushed["courier_cost"], family=company.family[rushed["item"]]),
        _spent("overtime", rushed["delivered"], rushed["crew_cost"], family=company.family[rushed["item"]]),
        *(
            _spent(
                kind, chased["received"], amount, family=company.family[chased["item"]], supplier_id=chased["supplier"]
            )
            for kind, amount in (("expedite_freight", chased["expedite_cost"]), ("premium_purchase", premium))
        ),
        _spent(
            "overtime",
            pd.Series(days.MONTH_DAY[hours["month"]]),
            hours["hours"] * OVERTIME_RATE * level,
            resource_id=np.array(CELLS, dtype=object)[hours["cell"]],
        ),
    ]
    keys = ["month", "kind", "family", "resource_id", "supplier_id"]
    costs = pd.concat(parts, ignore_index=True).groupby(keys, as_index=False, dropna=False)["amount"].sum()
    costs = costs[(costs["amount"] > 0) & costs["month"].between(days.WARM_UP, days.MONTHS - 1)]
    costs = costs.assign(period=days.periods(costs["month"].to_numpy()).to_numpy(), amount=costs["amount"].round(2))
    sold = served.assign(out=days.month_of(served["delivered"].to_numpy()), family=company.family[served["item"]])
    sold = sold[sold["out"].between(days.WARM_UP, days.MONTHS - 1)]
    factor = sold["shipped"] * inflation(client, sold["out"].to_numpy())
    sold = sold.assign(
        revenue=factor * company.price[sold["item"]], cost_of_goods_sold=factor * company.cost[sold["item"]]
    )
    earned = sold.groupby(["out", "family"], as_index=False)[["revenue", "cost_of_goods_sold"]].sum().round(2)
    earned = earned.assign(
        period=days.periods(earned["out"].to_numpy()), gross_margin=earned["revenue"] - earned["cost_of_goods_sold"]
    )
    months = np.arange(days.WARM_UP, days.MONTHS)
    return {
        "compensation_costs": costs.drop(columns="month").reset_index(drop=True),
        "financials": earned.drop(columns="out"),
        "price_index": pd.DataFrame({"period": days.periods(months), "index": inflation(client, months).round(5)}),
    }


def _spent(kind: str, day: pd.Series, amount: pd.Series, **where: object) -> pd.DataFrame:
    """Amounts of one kind in the month of their day."""
    known = {"family": None, "resource_id": None, "supplier_id": None, **where}
    month = days.month_of(day.to_numpy())
    return pd.DataFrame({"month": month, "kind": kind, "amount": amount.to_numpy(), **known})


def without_missing_cycles(client: Client, table: pd.DataFrame) -> pd.DataFrame:
    """Snapshots without the months that nobody saved."""
    lost = [days.WARM_UP + c for c in MISSING_CYCLES] if client.missing_cycles else []
    kept = (table["month"] >= days.WARM_UP) & ~table["month"].isin(lost)
    return table[kept].drop(columns="month").reset_index(drop=True)


def with_supplier(company: Company, bought: pd.DataFrame) -> pd.DataFrame:
    """Purchase lines with the code of their supplier."""
    names = np.array(list(SUPPLIERS), dtype=object)
    return bought.assign(supplier=names[company.supplier[bought["item"]]])
