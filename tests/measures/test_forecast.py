"""Which forecast counts as the published one."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from helpers.measures.forecast import published
from tests import builders

MONTHS = builders.cycles(6)


def snapshots() -> pd.DataFrame:
    """Operations' number from January on, a consensus from April on."""
    operations = pd.DataFrame({"cycle": MONTHS, "stage": "operations", "quantity": 100.0})
    consensus = pd.DataFrame({"cycle": MONTHS[3:], "stage": "consensus", "quantity": 80.0})
    rows = pd.concat([operations, consensus], ignore_index=True)
    return rows.assign(item_id="a", period=rows["cycle"])


def test_a_consensus_that_starts_half_way_stands_for_the_forecast_in_a_run_of_before_too(tmp_path: Path) -> None:
    """The stage is chosen from the extract as read: before April nothing was published, as of March too."""
    sent = {"items": builders.items(a="Bread"), "forecast_snapshots": snapshots()}
    full = builders.engagement(tmp_path / "full", sent)
    then = builders.engagement(tmp_path / "then", sent, as_of="2024-03-01")

    assert full.frame(published(full))["cycle"].tolist() == MONTHS[3:].tolist()
    assert then.frame(published(then)).empty
