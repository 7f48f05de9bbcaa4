"""A built model in the solver, goal after goal.

The library that builds the model hands it over once; handed over anew for every goal, as its own `solve` does, half of
the time would go into that.
"""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

import highspy
import numpy as np
import pandas as pd
import xarray as xr
from linopy import LinearExpression, Variable

from helpers.scenarios.model import Built

QUIET: dict[str, Any] = {"output_flag": False, "log_to_console": False, "threads": 1, "random_seed": 0}
LONGEST = 120.0  # seconds a goal
OPTIMAL = "optimal"
ENDS = {
    highspy.HighsModelStatus.kOptimal: OPTIMAL,
    highspy.HighsModelStatus.kInfeasible: "infeasible",
    highspy.HighsModelStatus.kUnbounded: "unbounded",
    highspy.HighsModelStatus.kTimeLimit: "time_limit",
}


class Programme:
    """One model in the solver."""

    def __init__(self, built: Built) -> None:
        _hush()
        self._built = built
        self._place = built.model.variables.label_index.label_to_pos
        self._columns = np.arange(len(built.model.variables.label_index.vlabels), dtype=np.int32)
        self._solver = built.model.to_highspy()
        for name, value in QUIET.items():
            self._solver.setOptionValue(name, value)

    def seek(self, goal: LinearExpression) -> str:
        """Make a goal as small as it can be; how that ended: `optimal`, or a word for why there is no such plan."""
        self._solver.changeColsCost(len(self._columns), self._columns, self._weights(goal))
        self._solver.clearSolver()  # from where the last goal ended, prices among equals would depend on units
        spent = 0.0 if self._built.model.type == "MILP" else self._solver.getRunTime()  # there the clock begins anew
        self._solver.setOptionValue("time_limit", spent + LONGEST)
        self._solver.run()
        status = self._solver.getModelStatus()
        return ENDS.get(status, self._solver.modelStatusToString(status))

    @property
    def reached(self) -> float:
        """What the goal last sought came to."""
        return float(self._solver.getObjectiveValue())

    def keep(self, goal: LinearExpression, most: float) -> None:
        """Let a goal come to no more than `most` from now on."""
        weights = self._weights(goal)
        named = np.flatnonzero(weights).astype(np.int32)
        self._solver.addRow(-np.inf, most, len(named), named, weights[named])

    def values(self, variable: Variable) -> pd.Series:
        """The amounts of a variable by its dimensions."""
        found = np.asarray(self._solver.getSolution().col_value)
        return variable.labels.copy(data=found[self._place[variable.labels.to_numpy()]]).to_series().rename("value")

    def prices(self, constraint: str) -> xr.DataArray:
        """What one unit more of a constraint's limit adds to the goal last sought; below 0 it saves."""
        labels = self._built.model.constraints[constraint].labels
        place = self._built.model.constraints.label_index.label_to_pos
        return labels.copy(data=np.asarray(self._solver.getSolution().row_dual)[place[labels.to_numpy()]])

    def _weights(self, goal: LinearExpression) -> np.ndarray:
        """What a unit of each column counts in a goal."""
        terms = goal.flat
        return np.bincount(self._place[terms["vars"]], terms["coeffs"], minlength=len(self._columns))


@cache
def _hush() -> None:
    """The first solver of a process prints a banner that no option of it turns off: its output goes nowhere once."""
    sys.stdout.flush()
    kept = os.dup(1)
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        try:
            highspy.Highs()  # type: ignore[no-untyped-call]
        finally:
            os.dup2(kept, 1)
            os.close(kept)
