"""The forecasts the company publishes: functions' views, the consensus, and late changes by Sales."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sample_data.generator import calendar_days as cal
from sample_data.generator.company import FAMILIES, ITEMS_PER_FAMILY, Company
from sample_data.generator.demand import Demand
from sample_data.generator.scenario import Scenario
from sample_data.generator.streams import stream

FENCE = 2
LOGGED_FROM = 0.02
STAGE_HORIZON = {"statistical": 6, "sales": 6, "operations": 6, "consensus": cal.HORIZON}
FUNCTIONS = ("sales", "operations", "procurement", "finance")
PLAN_HORIZON = 5
VIEW_SD = {"sales": 0.035, "operations": 0.03, "procurement": 0.03, "finance": 0.03}
OWN_BIAS = {"sales": 0.10, "operations": -0.08, "procurement": -0.04, "finance": 0.03}


@dataclass(frozen=True)
class Forecasts:
    """Published numbers.

    `consensus[c, i, k]`; `view[q][c, u]` how far function q stands from the best forecast before the meeting and
    `kept[q][c, u]` how far it stays from the consensus after it (logarithms).
    """

    consensus: np.ndarray
    late_noise: np.ndarray
    view: dict[str, np.ndarray]
    kept: dict[str, np.ndarray]


def build_forecasts(company: Company, demand: Demand, scenario: Scenario, seed: int) -> Forecasts:
    """Form the views, settle or fail to settle them, and publish."""
    view, kept = functions_views(scenario, seed)
    noise = late_noise(company, scenario, seed)
    push = np.array([[0.05 * scenario.level(2, c - cal.WARM_UP, f) for f in FAMILIES] for c in range(cal.MONTHS)])
    lift = np.exp(noise + np.repeat(push, ITEMS_PER_FAMILY, axis=1)[:, :, None])
    return Forecasts(np.round(demand.forecast * lift), noise, view, kept)


def late_noise(company: Company, scenario: Scenario, seed: int) -> np.ndarray:
    """Changes Sales makes inside the fence without a fact behind them (fault 1), fresh in every cycle."""
    random = stream(seed, "late changes")
    of_family = np.repeat(random.standard_normal((cal.MONTHS, len(FAMILIES), FENCE)), ITEMS_PER_FAMILY, axis=1)
    of_item = random.standard_normal((cal.MONTHS, company.count, FENCE))
    level = np.array([[scenario.level(1, c - cal.WARM_UP, f) for f in company.family] for c in range(cal.MONTHS)])
    noise = np.zeros((cal.MONTHS, company.count, cal.HORIZON))
    noise[:, :, :FENCE] = 0.18 * level[:, :, None] * (0.9 * of_family + 0.45 * of_item)
    return noise


def functions_views(scenario: Scenario, seed: int) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Private views per function, cycle and family; faults 2 and 10 make them one-sided and unsettled."""
    view, kept = {}, {}
    shape = (cal.MONTHS, len(FAMILIES))
    for q in FUNCTIONS:
        random = stream(seed, f"view of {q}")
        fresh, stubborn, rest = (random.standard_normal(shape) for _ in range(3))
        for c in range(1, cal.MONTHS):
            stubborn[c] = 0.8 * stubborn[c - 1] + 0.6 * stubborn[c]
        own = np.array([[scenario.level(10, c - cal.WARM_UP, f) for f in FAMILIES] for c in range(cal.MONTHS)])
        quarrel = np.array([[scenario.level(2, c - cal.WARM_UP, f) for f in FAMILIES] for c in range(cal.MONTHS)])
        side = {"sales": 0.16, "operations": -0.14}.get(q, 0.0)
        alone = own * (OWN_BIAS[q] + 0.06 * stubborn)
        view[q] = VIEW_SD[q] * fresh + alone + side * quarrel
        kept[q] = 0.004 * rest + 0.9 * alone + 0.9 * side * quarrel
    return view, kept


def stages(company: Company, demand: Demand, forecasts: Forecasts, seed: int) -> dict[str, np.ndarray]:
    """Item numbers of the four stages, `[c, i, k]`."""
    random = stream(seed, "stages")
    older = np.roll(demand.forecast, 1, axis=0)
    statistical = np.concatenate([older[:, :, 1:], demand.forecast[:, :, -1:]], axis=2)
    statistical[0] = demand.forecast[0]
    out = {"statistical": np.round(statistical * np.exp(0.03 * random.standard_normal(statistical.shape)))}
    for q in ("sales", "operations"):
        view = np.repeat(forecasts.view[q], ITEMS_PER_FAMILY, axis=1)[:, :, None]
        out[q] = np.round(demand.forecast * np.exp(view))
    out["sales"] = np.round(out["sales"] * np.exp(forecasts.late_noise))
    out["consensus"] = forecasts.consensus
    return out


def snapshots_table(
    company: Company, demand: Demand, forecasts: Forecasts, changes: pd.DataFrame, seed: int
) -> pd.DataFrame:
    """One row per cycle, item, period and stage; changes inside the fence carry their reason and rule."""
    parts = []
    for stage, numbers in stages(company, demand, forecasts, seed).items():
        c, i, k = np.nonzero(demand.forecast[cal.WARM_UP :, :, : STAGE_HORIZON[stage]] > 0)
        c = c + cal.WARM_UP
        parts.append(
            pd.DataFrame({"c": c, "i": i, "s": c + k, "stage": stage, "quantity": numbers[c, i, k].astype(int)})
        )
    reasons = changes[["c", "i", "s", "reason_code", "rule_id"]].assign(stage="consensus")
    table = pd.concat(parts, ignore_index=True).merge(
        reasons, how="left", on=["c", "i", "s", "stage"], validate="one_to_one"
    )
    periods = np.array([cal.period(m) for m in range(cal.MONTHS + cal.HORIZON)], dtype=object)
    return pd.DataFrame(
        {
            "cycle": periods[table["c"]],
            "item_id": company.items["item_id"].to_numpy()[table["i"]],
            "period": periods[table["s"]],
            "stage": table["stage"],
            "quantity": table["quantity"],
            "reason_code": table["reason_code"].fillna(""),
            "rule_id": table["rule_id"].fillna(""),
        }
    )


def fence_changes(company: Company, demand: Demand, forecasts: Forecasts, seed: int) -> pd.DataFrame:
    """The changes to the consensus inside the fence, with who made them and on what authority."""
    random = stream(seed, "change log")
    new = forecasts.consensus[:, :, :FENCE]
    old = np.zeros_like(new)
    old[1:] = forecasts.consensus[:-1, :, 1 : FENCE + 1]
    draws = random.random((4, *new.shape))
    c, i, k = np.nonzero((np.abs(new - old) >= 0.003 * old) & (old > 0))
    late = np.isin(c, np.arange(cal.WARM_UP, cal.MONTHS)) & (forecasts.late_noise[c, i, k] != 0)
    kept = c >= cal.WARM_UP
    c, i, k, late = c[kept], i[kept], k[kept], late[kept]
    approved = ~late & (draws[0][c, i, k] < 0.95)
    reason = np.array(["customer order", "sell-out data", "promotion detail", "model update"], dtype=object)[
        (draws[1][c, i, k] * 4).astype(int)
    ]
    return pd.DataFrame(
        {
            "c": c,
            "i": i,
            "s": c + k,
            "old": old[c, i, k].astype(int),
            "new": new[c, i, k].astype(int),
            "changed_on": [
                cal.iso(cal.MONTH_DAY[a] - 1 - int(8 * b)) for a, b in zip(c, draws[2][c, i, k], strict=True)
            ],
            "function": np.where(late | (draws[3][c, i, k] < 0.3), "sales", "demand planning"),
            "reason_code": np.where(late, "sales request", reason),
            "rule_id": np.where(approved, "DR-01", ""),
            "approved_by": np.where(approved, "Head of Commercial", ""),
        }
    )


def changes_table(company: Company, changes: pd.DataFrame) -> pd.DataFrame:
    """The log of changes inside the fence of at least 2 %, in the contract's columns."""
    changes = changes[(changes["new"] - changes["old"]).abs() >= LOGGED_FROM * changes["old"]]
    return pd.DataFrame(
        {
            "changed_on": changes["changed_on"],
            "cycle": [cal.period(c) for c in changes["c"]],
            "item_id": company.items["item_id"].to_numpy()[changes["i"]],
            "period": [cal.period(s) for s in changes["s"]],
            "old_quantity": changes["old"],
            "new_quantity": changes["new"],
            "function": changes["function"],
            "reason_code": changes["reason_code"],
            "rule_id": changes["rule_id"],
            "approved_by": changes["approved_by"],
        }
    )


def function_plans_table(demand: Demand, forecasts: Forecasts, seed: int) -> pd.DataFrame:
    """Each function's family numbers before and after the consensus meeting."""
    random = stream(seed, "function plans")
    by_family = (-1, len(FAMILIES), ITEMS_PER_FAMILY, cal.HORIZON)
    best = demand.forecast.reshape(by_family).sum(axis=2)[:, :, :PLAN_HORIZON]
    consensus = forecasts.consensus.reshape(by_family).sum(axis=2)[:, :, :PLAN_HORIZON]
    rows = []
    for q in FUNCTIONS:
        noise = 0.01 * random.standard_normal(best.shape)
        before = best * np.exp(forecasts.view[q][:, :, None] + noise)
        after = consensus * np.exp(forecasts.kept[q][:, :, None])
        for version, numbers in (("before", before), ("after", after)):
            c, u, k = (a.ravel() for a in np.indices(numbers[cal.WARM_UP :].shape))
            rows.append(
                pd.DataFrame(
                    {
                        "cycle": [cal.period(x) for x in c + cal.WARM_UP],
                        "function": q,
                        "family": np.array(FAMILIES, dtype=object)[u],
                        "period": [cal.period(x) for x in c + k + cal.WARM_UP],
                        "quantity": np.round(numbers[cal.WARM_UP :]).astype(int).ravel(),
                        "version": version,
                    }
                )
            )
    return pd.concat(rows, ignore_index=True)
