"""Joins that keep the columns of the left side as they are."""

from __future__ import annotations

from collections.abc import Sequence

import ibis.expr.types as ir


def beside(rows: ir.Table, other: ir.Table, keys: Sequence[str]) -> ir.Table:
    """`rows` with the columns of `other` beside them where `keys` agree, missing elsewhere; no row is lost."""
    renamed = other.rename({f"{key}_of_other": key for key in keys})
    joined = rows.left_join(renamed, [rows[key] == renamed[f"{key}_of_other"] for key in keys])
    return joined.select(*rows.columns, *[name for name in other.columns if name not in keys])
