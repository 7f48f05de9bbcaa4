"""Policy: what a plan is to keep to, and in which order it is to serve, earn and save."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True, eq=False)
class Policy:
    """How a network is planned.

    Parameters
    ----------
    protected
        `product`, `segment` pairs that are served before anything else, as far as the limits allow; `None` = all.
    serves_all
        Whether the others are served next, before money is looked at.
    worth
        Where they are not: what an on-time unit of theirs is worth a rescue, as a share of its margin; the most that
        is paid for it.
    cut_first
        Products that no rescue is paid for where others than the protected are judged by worth.
    couriers_for
        `product`, `segment` pairs whose urgent orders may go by courier; `None` = all.
    rushed_for
        Products that may be bought in a rush; `None` = all.
    waits_for
        `product`, `segment` pairs that wait for a late unit; `None` = all. What the others are not served in its period
        is lost in it.
    longest_wait
        Periods that a unit waits at most, and is lost otherwise; `None` = any. Backorders at the start count as asked
        for in the period before the first. What would have to be lost anyway may be lost at once.
    safety_for
        `product`, `segment` pairs for whom safety stock may be used; `None` = all. The others get what lies above the
        safety stock that is there where these alone are served.
    follows_plan
        Periods in which production keeps to the approved plan: as much of it as the hours allow, and no more than was
        planned so far.
    demonstrated
        Whether a planned hour yields what the resource has demonstrated, or what the plan assumes.
    rescue_at_most
        The most that may be spent on rescues over all periods (currency); `None` = no such limit.
    can_rescue
        Whether overtime beyond the agreed, rushed purchases and couriers are open at all.
    service_at_least
        One less the units late, as a share of all demand; `None` = no such limit. A unit counts as late in every period
        in which it waits: no less than so many are on time, and more where some of the late ones wait for long.
    in_lots
        Whether purchases come in whole lots of their sources (whole numbers make the model slower).
    """

    protected: pd.MultiIndex | None = None
    serves_all: bool = True
    worth: float = 1.0
    cut_first: frozenset[str] = frozenset()
    couriers_for: pd.MultiIndex | None = None
    rushed_for: frozenset[str] | None = None
    waits_for: pd.MultiIndex | None = None
    longest_wait: int | None = None
    safety_for: pd.MultiIndex | None = None
    follows_plan: int = 0
    demonstrated: bool = True
    rescue_at_most: float | None = None
    can_rescue: bool = True
    service_at_least: float | None = None
    in_lots: bool = False
