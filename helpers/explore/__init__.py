"""Knobs for the analyst: limits, cycles and families, with card and charts redrawn at once."""

from helpers.explore.panel import controls
from helpers.explore.view import View, narrowed

__all__ = ["View", "controls", "narrowed"]
