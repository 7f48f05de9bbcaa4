"""Coverage: whether a reaction was governed. What decisions about capacity and its rescue are called."""

from __future__ import annotations

from helpers.engagement import Engagement

CAPACITY_WORDS = "overtime|capacit|hours|shift|bottleneck|overload"
RESCUE_WORDS = "overtime|expedit|urgent|freight|courier|shipment|rescue|subcontract"


def has_governance(engagement: Engagement) -> bool:
    """Whether the client keeps decisions, so that a missing one means something."""
    return engagement.has("decisions.decided_on")
