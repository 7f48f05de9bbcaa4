"""Medians over windows, for an engine that knows medians of groups only.

Over a whole partition the rows are numbered in the order of their values and the middle ones averaged; over a frame
that moves, which is short, its values are gathered in an array and the median is taken of that.
"""

from __future__ import annotations

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.rules as rlz
from ibis.backends.sql.rewrites import p
from ibis.common.patterns import replace


class Middle(ops.Value):  # type: ignore[misc]
    """The median of the numbers in an array."""

    arg: ops.Value[dt.Array]
    dtype = dt.float64
    shape = rlz.shape_like("arg")


@replace(p.Project)  # type: ignore[untyped-decorator]
def in_two_steps(_: ops.Project) -> ops.Project:
    """A projection with medians over windows as two: what each of them needs, and the medians themselves."""
    found = {op for value in _.values.values() for op in value.find(ops.WindowFunction, filter=ops.Value)}
    medians = [op for op in found if isinstance(op.func, ops.Median)]
    if not medians:
        return _
    own = {name: ops.Field(_.parent, name) for name in _.parent.schema}
    needs = {op: _needs(op) for op in medians}
    first = ops.Project(_.parent, {**own, **{name: op for need in needs.values() for name, op in need.items()}})
    moved = {field: ops.Field(first, name) for name, field in own.items()}
    done = {op: _median(op, [ops.Field(first, name) for name in need], moved) for op, need in needs.items()}
    values = {name: value.replace({**moved, **done}, filter=ops.Value) for name, value in _.values.items()}
    return ops.Project(first, values)


def _needs(op: ops.WindowFunction) -> dict[str, ops.Value]:
    if op.order_by:
        return {ibis.util.gen_name("values"): op.copy(func=ops.ArrayCollect(op.func.arg, include_null=True))}
    in_order = ops.WindowFunction(
        ops.RowNumber(), how="rows", start=None, end=None, group_by=op.group_by, order_by=(ops.SortKey(op.func.arg),)
    )
    return {ibis.util.gen_name("place"): in_order, ibis.util.gen_name("filled"): op.copy(func=ops.Count(op.func.arg))}


def _median(op: ops.WindowFunction, needs: list[ops.Field], moved: dict[ops.Field, ops.Field]) -> ops.Value:
    if op.order_by:
        return Middle(*needs)
    place, filled = (2 * needs[0].to_expr(), needs[1].to_expr())
    is_middle = (place >= filled) & (place <= filled + 2)  # twice the place, which the engine counts from one
    value = op.func.arg.replace(moved, filter=ops.Value).to_expr()
    group = [column.replace(moved, filter=ops.Value) for column in op.group_by]
    return op.copy(func=ops.Mean(ibis.ifelse(is_middle, value, ibis.null("float64"))), group_by=tuple(group))
