"""The approved plan as the exceptions see it: late units by what is to blame, and stock below its safety stock."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from helpers.scenarios.cases import Notice
from helpers.scenarios.feasible import Feasibility
from helpers.scenarios.network import Network
from helpers.scenarios.playbook import Playbook
from helpers.scenarios.scenario import Answer

TOO_FEW = 0.001  # of a period's demand: fewer late units are rounding of a forecast
FAR_BELOW = 0.25  # of the safety stock; by judgement


@dataclass(frozen=True, eq=False)
class Plan:
    """The approved plan with what of it cannot be executed, and the rules and dates it is decided by."""

    network: Network
    feasible: Feasibility
    approved: Answer
    playbook: Playbook
    notice: Notice

    @property
    def rescued(self) -> Network:
        """The network with what is made once every promise is rescued: hours left free now are taken there."""
        made = self.approved.solution.amounts["make"].rename(columns={"value": "quantity"})
        return replace(self.network, plan=made.assign(quantity=made["quantity"].clip(lower=0.0)))

    @property
    def products(self) -> pd.DataFrame:
        """Masters by product, with the `margin` of a unit (currency; missing where nothing was priced)."""
        return self.network.products.set_index("product").assign(margin=self.network.values["margin"])


def blamed_units(plan: Plan) -> pd.DataFrame:
    """Late units by what is to blame, as `Feasibility.units` with one place in `at`, `margin` and `family`.

    Of several resources of a product the one that lacks most hours. Less than a thousandth of the period's demand is
    left out.
    """
    known = noticeable(plan, plan.feasible.units)
    missing = plan.feasible.hours.groupby("resource")["missing"].sum()
    steps = plan.network.routes.merge(plan.network.steps, on="route")
    worst = steps.assign(missing=steps["resource"].map(missing)).dropna(subset=["missing"])
    first = worst.sort_values("missing", ascending=False).drop_duplicates("product")
    to_blame = known["product"].map(first.set_index("product")["resource"]).astype(object)
    is_told = (known["constraint"] == "hours") & to_blame.notna()
    placed = known.assign(at=known["at"].astype(object).mask(is_told, to_blame))
    return placed.join(plan.products[["family", "is_critical", "margin"]], on="product")


def noticeable(plan: Plan, late: pd.DataFrame) -> pd.DataFrame:
    """Rows of `product`, `period`, `late` that are more than a thousandth of what was asked for."""
    asked = plan.network.demand.groupby(["product", "period"])["quantity"].sum().rename("asked").reset_index()
    rows = late.merge(asked, on=["product", "period"], how="left")
    found: pd.DataFrame = rows[rows["late"] > TOO_FEW * rows["asked"].fillna(0.0)].drop(columns="asked")
    return found


def thin_stock(plan: Plan) -> pd.DataFrame:
    """Products whose stock lies far below safety stock at the end of the first period that is not frozen, as approved.

    Returns
    -------
    One row per `product`: `period`, `late` (units missing of the safety stock), `at` (a resource or supplier; the
    product itself where it has neither), `back` (the first later period with the whole safety stock again; missing
    where none has), masters.
    """
    periods = plan.network.periods
    first = next((period for period in periods if not plan.notice.is_frozen(period)), periods[-1])
    thin = plan.approved.solution.amounts["thin"].rename(columns={"value": "late"})
    rows = thin[thin["period"] == first].join(plan.products, on="product")
    low = rows[(rows["late"] > FAR_BELOW * rows["safety"]) & (rows["late"] > TOO_FEW * rows["safety"])]
    whole = thin[thin["late"] <= TOO_FEW * thin["product"].map(plan.products["safety"])]
    back = whole[whole["period"] > first].groupby("product")["period"].min().rename("back")
    placed = low.join(back, on="product").join(_places(plan.network), on="product")
    return placed.assign(at=placed["at"].astype(object).fillna(placed["product"]))


def _places(network: Network) -> pd.Series:
    made = network.routes.merge(network.steps, on="route")[["product", "resource"]].set_axis(["product", "at"], axis=1)
    bought = network.sources[["product", "supplier"]].set_axis(["product", "at"], axis=1)
    return pd.concat([made, bought]).drop_duplicates("product").set_index("product")["at"]
