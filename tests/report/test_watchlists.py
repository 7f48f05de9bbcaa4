"""Watchlists: values, arrows and colours of what matters most, nothing where nothing was measured."""

from __future__ import annotations

from helpers.report.watchlists import Cell, watchlists
from tests.report.fakes import watched


def test_a_watched_value_carries_unit_arrow_and_a_shape_for_its_colour() -> None:
    """Colour is never alone: red is a diamond too."""
    (families,) = watchlists(watched("Bread"), watched("Line 1").head(0))

    assert families.heads == ("Cover, days",)
    assert families.rows == (("Bread", (Cell("12 days", "↗", "red", "◆"),)),)


def test_a_list_without_rows_is_not_shown() -> None:
    """Neither families nor resources measured: no watchlist."""
    assert watchlists(watched("Bread").head(0), watched("Line 1").head(0)) == []
