"""Mass re-dating: a new system or calendar moves the dates of many lines at once. That is one change, not hundreds."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from helpers.engagement import Engagement

SHARE, FEWEST = 0.30, 10


def counted_once(engagement: Engagement) -> ir.Table:
    """The rows of `purchase_order_changes` in which a mass re-dating is one row: that of its first line.

    A mass re-dating moves, on one date and by one and the same shift, more than 30 % of the lines that were then still
    to come, and ten at least. Of 36 calibration clients with a fault of sign 4 or 7 none moved more than six lines of a
    date by one shift; 6 healthy ones with a mass re-dating moved 14 to 29. The log of the released schedule names no
    new date, so that its changes cannot be told to be one shift and count each.
    """
    log, orders = engagement.table("purchase_order_changes"), engagement.table("purchase_orders")
    shifted = log.mutate(shift=log.new_due_on.delta(log.old_due_on, unit="day"))
    still_to_come = shifted.filter((shifted.shift != 0) & (shifted.old_due_on > shifted.changed_on))
    moved = (
        still_to_come.select("changed_on", "shift", "purchase_order_id", "line_id")
        .distinct()
        .group_by("changed_on", "shift")
        .aggregate(lines=lambda rows: rows.count())
    )
    many = moved.filter(moved.lines >= FEWEST)
    open_then = [
        orders.ordered_on <= many.changed_on,
        orders.due_on > many.changed_on,
        orders.received_on.isnull() | (orders.received_on >= many.changed_on),
    ]
    to_come = many.inner_join(orders, open_then)
    share = to_come.group_by("changed_on", "shift", "lines").aggregate(to_come=to_come.count())
    mass = share.filter(share.lines > SHARE * share.to_come).select(
        "changed_on", "shift", mass=ibis.literal(value=True)
    )
    marked = shifted.left_join(mass, ["changed_on", "shift"], rname="{name}_mass")
    line = ibis.row_number().over(
        group_by=["changed_on", "shift"], order_by=["old_due_on", "purchase_order_id", "line_id"]
    )
    numbered = marked.mutate(number=line)
    return numbered.filter(numbered.mass.isnull() | (numbered.number == 0)).select(*log.columns)
