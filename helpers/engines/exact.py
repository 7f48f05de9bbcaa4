"""Sums of numbers that do not depend on the order of rows, so that two runs give the same last digit.

DuckDB adds what its threads found in the order in which they finish. Added as they are, binary numbers then differ in
the last digit from run to run, and a value that lies on a limit would fall now on this side of it, now on the other.
Here every number is cut into a whole and a rest of fixed place, and whole numbers add up the same in any order. It
takes no longer than plain sums do.
"""

from __future__ import annotations

from typing import Any

import ibis.expr.operations as ops
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.duckdb import DuckDBCompiler

WHOLE = 2.0**20  # parts of one in the whole; the rest holds parts of these
REST = 2.0**62
LARGEST = 2.0**72  # sums of so large numbers still fit 127 binary digits; what is beyond is added as it is
PARTS = {
    "whole": (f"round(x * {WHOLE})::HUGEINT", "WHEN x IS NOT NULL THEN 0"),
    "rest": (f"((x * {WHOLE} - round(x * {WHOLE})) * {REST})::BIGINT", "WHEN x IS NOT NULL THEN 0"),
    "beyond": ("0.0", "ELSE x"),
}
MACROS = tuple(
    f"CREATE TEMP MACRO {name}(x) AS CASE WHEN abs(x) < {LARGEST} THEN {part} {otherwise} END"
    for name, (part, otherwise) in PARTS.items()
)


class Compiler(DuckDBCompiler):  # type: ignore[misc]
    """Ibis' SQL for DuckDB with exact sums and means; its session must know `MACROS`."""

    __slots__ = ()

    def visit_Sum(self, op: ops.Sum, *, arg: sge.Expression, where: sge.Expression | None) -> Any:
        if not op.arg.dtype.is_floating():
            return super().visit_Sum(op, arg=arg, where=where)
        whole, rest, beyond = (self.agg.sum(self.f[part](arg), where=where) for part in PARTS)
        return sge.Paren(this=whole / WHOLE + rest / (WHOLE * REST) + beyond)

    def visit_Mean(self, op: ops.Mean, *, arg: sge.Expression, where: sge.Expression | None) -> Any:
        if not op.arg.dtype.is_floating():
            return super().visit_Mean(op, arg=arg, where=where)
        return sge.Paren(this=self.visit_Sum(op, arg=arg, where=where) / self.agg.count(arg, where=where))

    def visit_WindowFunction(self, op: ops.WindowFunction, *, func: sge.Expression, **over: Any) -> Any:
        """Each aggregate of an exact sum looks through the window, not the sum of them."""
        if not isinstance(func, sge.Paren):
            return super().visit_WindowFunction(op, func=func, **over)
        window = super().visit_WindowFunction
        is_aggregate = (sge.AggFunc, sge.Filter)
        return func.transform(lambda node: window(op, func=node, **over) if isinstance(node, is_aggregate) else node)
