"""Safety stocks: set from measured forecast risk once a quarter, or ratcheted after every stockout (fault 8)."""

import numpy as np

from sample_data.generator import calendar_days as cal
from sample_data.generator.company import FAMILIES, Company
from sample_data.generator.demand import Demand
from sample_data.generator.forecasting import Forecasts
from sample_data.generator.scenario import Scenario

LEAD_TIME_CV = 0.14
REVIEW = 1.0


class Buffers:
    """The safety stock of every item and the reasons for its changes."""

    def __init__(self, company: Company, demand: Demand, forecasts: Forecasts, scenario: Scenario) -> None:
        self.company, self.demand, self.forecasts, self.scenario = company, demand, forecasts, scenario
        self.risk_months = company.lead_days / 30.4 + REVIEW
        sigma = scenario.volatility * 0.78 * company.base_units * np.sqrt(self.risk_months)
        self.stock = company.z * sigma
        self.history = np.zeros((cal.MONTHS, company.count))
        self.changes: list[tuple[int, str, float, bool]] = []

    def required(self, c: int) -> np.ndarray:
        """Return z times the risk over lead time and review, from the last 12 realised forecasts."""
        company = self.company
        mean = self.demand.actual[:, max(0, c - 12) : c].mean(axis=1)
        squared = [self._cumulative_error(c, n) for n in (1, 2, 3)]
        demand_risk = np.array(
            [np.interp(r, (1, 2, 3), [e[i] for e in squared]) for i, r in enumerate(self.risk_months)]
        )
        lead_sd = np.where(company.made, 0.0, LEAD_TIME_CV * company.lead_days / 30.4)
        return company.z * np.sqrt(demand_risk + (mean * lead_sd) ** 2)

    def _cumulative_error(self, c: int, n: int) -> np.ndarray:
        """Mean squared error of the forecast summed over n periods; items lean on their family's level."""
        first = np.arange(max(0, c - 12), c - n + 1)
        error = np.array(
            [
                self.demand.actual[:, s : s + n].sum(axis=1) - self.forecasts.consensus[s, :, :n].sum(axis=1)
                for s in first
            ]
        )
        return (error**2).mean(axis=0)

    def review(self, c: int, stockout: np.ndarray) -> None:
        """Set the buffers for cycle c; `stockout` says which items ran out in the month before."""
        cycle, before = c - cal.WARM_UP, self.stock.copy()
        if c >= 11 and c % 3 == 2:
            self.stock = self.stock + (0.7 if c > 12 else 1.0) * (self.required(c) - self.stock)
        for f in FAMILIES:
            level = self.scenario.level(8, cycle, f)
            rows = self.company.family == f
            if level:
                raised = before[rows] * (1 + 0.14 * level * bool(stockout[rows].any()))
                self.stock[rows] = np.maximum(self.stock[rows], raised)
            change = (self.stock[rows] * self.company.cost[rows]).sum() / (
                before[rows] * self.company.cost[rows]
            ).sum() - 1
            if abs(change) > 0.03:
                self.changes.append((c, f, float(change), level > 0))
        self.history[c] = self.stock
