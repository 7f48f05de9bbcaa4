"""A share of the faults of `python -m tests.robustness`: what is whole, what is said, what is left."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("the runs are forked, which Windows cannot", allow_module_level=True)

from tests.robustness.faults import forbidden, full, kernels, kills, leaving, together


def fallen(outcomes: dict[str, str]) -> dict[str, str]:
    """The cases that did not go as promised; there must have been some."""
    assert outcomes
    return {name: outcome for name, outcome in outcomes.items() if outcome}


def test_a_run_killed_at_any_point_leaves_the_earlier_result_whole(tmp_path: Path) -> None:
    """The next run gives what an undisturbed one gives; no process and no file is left."""
    assert fallen(kills.outcomes(tmp_path, points=4, moments=1)) == {}


def test_what_leaves_is_there_whole_or_not_at_all_and_names_nobody(tmp_path: Path) -> None:
    """Copies without names, data requests and comparisons, killed on the way out."""
    assert fallen(leaving.outcomes(tmp_path, points=3)) == {}


@pytest.mark.skipif(not full.is_possible(), reason="this user may not mount a small disk")
def test_a_full_disk_is_said_in_one_message(tmp_path: Path) -> None:
    """What, where, what to do, status 2, and the earlier result as it was."""
    assert fallen(full.outcomes(tmp_path / "full", few=True)) == {}


@pytest.mark.skipif(not forbidden.is_possible(), reason="root may write anywhere, and setpriv is not there")
def test_a_missing_permission_is_said_in_one_message(tmp_path: Path) -> None:
    """And data that may not be written are read all the same."""
    assert fallen(forbidden.outcomes(tmp_path, few=True)) == {}


def test_a_kernel_that_hangs_takes_no_other_page_with_it(tmp_path: Path) -> None:
    """The page says which part failed, and shows nothing of what was committed with the notebook."""
    assert fallen(kernels.outcomes(tmp_path, few=True)) == {}


def test_two_at_once_do_not_meet(tmp_path: Path) -> None:
    """One says what is in use; a lock goes with the run that held it."""
    assert fallen(together.outcomes(tmp_path, few=True)) == {}
