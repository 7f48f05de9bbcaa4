"""What the kit asks of an engine beside compiling expressions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

import ibis
import ibis.expr.types as ir
import pandas as pd


class Engine(Protocol):
    """An Ibis backend that writes nothing but what ends with its session."""

    def empty(self, name: str, schema: ibis.Schema) -> ir.Table:
        """A table without rows: one that was not sent."""
        ...

    def view(self, name: str, rows: ir.Table) -> ir.Table:
        """`rows` under a name: it keeps what is built on them small, for compiling is much of the work."""
        ...

    def hold(self, name: str, rows: ir.Table) -> ir.Table:
        """`rows` worked out now and kept where they are until the session ends."""
        ...

    def frame(self, rows: ir.Table) -> pd.DataFrame:
        """`rows` brought here."""
        ...

    def value(self, scalar: ir.Scalar) -> Any:
        """One value brought here."""
        ...


class Database(Engine, Protocol):
    """An engine that holds the client's own tables."""

    def names(self, asked: Iterable[str]) -> list[str]:
        """The tables and views of the schema, sorted; of a folder, which may be anywhere, those that are `asked`."""
        ...

    def source(self, name: str) -> ir.Table:
        """A table of the client, as it is."""
        ...
