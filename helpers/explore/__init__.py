"""The desk: an explorer for the signs of a notebook, with knobs whose turning is seen at once."""

from helpers.explore.desk import Desk, Faces
from helpers.explore.view import View, charts_of, is_dated, narrowed, table_of

__all__ = ["Desk", "Faces", "View", "charts_of", "is_dated", "narrowed", "table_of"]
