"""Measured once: several signs ask one engagement for the same frame, and a scan of a big table is worth keeping."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import update_wrapper
from typing import Concatenate, ParamSpec
from weakref import WeakKeyDictionary

import pandas as pd

from helpers.engagement import Engagement

Arguments = ParamSpec("Arguments")
Measure = Callable[Concatenate[Engagement, Arguments], pd.DataFrame]


def once(measure: Measure[Arguments]) -> Measure[Arguments]:
    """`measure` that remembers its frame for as long as the engagement lives; every caller gets a copy of their own."""
    kept: WeakKeyDictionary[Engagement, dict[Hashable, pd.DataFrame]] = WeakKeyDictionary()

    def remembered(engagement: Engagement, /, *args: Arguments.args, **named: Arguments.kwargs) -> pd.DataFrame:
        frames = kept.setdefault(engagement, {})
        key = (args, tuple(sorted(named.items())))
        if key not in frames:
            frames[key] = measure(engagement, *args, **named)
        return frames[key].copy()

    update_wrapper(remembered, measure)
    return remembered
