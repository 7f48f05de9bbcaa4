"""The desk on the sample: a moved limit judges as the settings would, soon, and nothing is written over."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from helpers import diagnosis
from helpers.explore.desk import Desk, Faces
from helpers.explore.view import adjustable, judged_with
from helpers.report import desk_parts
from helpers.settings import LimitOverride, load_settings
from helpers.signs import registry

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data"
STRICTER, LOOSER = 0.8, 1.5
SOON = 1.5  # seconds of CPU: three times the aim, for a busy machine; tests.explore.pace measures a quiet one
EVERY_SIGN = pytest.mark.parametrize("key", [entry.sign.key for entry in registry()])
# One of each kind of money: seen by its root, booked, and held in stock.
COSTED = pytest.mark.parametrize("key", ["late_forecast_changes", "hidden_bottlenecks", "safety_stock_creep"])


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """The sample's typed tables."""
    return tmp_path_factory.mktemp("desk")


@pytest.fixture(scope="module")
def engagement(store):
    """The sample, every sign examined."""
    opened = diagnosis.open_engagement(SAMPLE, store)
    for entry in registry():
        diagnosis.examine(opened, entry.sign.key)
    return opened


def _moved(found, factor=LOOSER):
    headline = adjustable(found)[0]
    return {headline.name: (headline.limit.amber * factor, headline.limit.red * factor)}


@pytest.fixture(scope="module")
def told(engagement, store, tmp_path_factory):
    """The sample again, with the moved limits of all ten signs told by the settings."""
    limits = {}
    for entry in registry():
        for metric, (amber, red) in _moved(diagnosis.examine(engagement, entry.sign.key)).items():
            limits[f"{entry.sign.code.lower()}.{metric}"] = LimitOverride(amber=amber, red=red)
    settings = load_settings(diagnosis.settings_of(SAMPLE)).model_copy(update={"limits": limits})
    return diagnosis.Engagement(store / "store", settings)


@EVERY_SIGN
def test_a_moved_limit_judges_as_if_the_settings_had_said_so(engagement, told, key):
    """Measures that are remembered change nothing: same flags, tests, states and strength as judged from scratch."""
    found = diagnosis.examine(engagement, key)
    (entry,) = [entry for entry in registry() if entry.sign.key == key]

    moved, scratch = judged_with(engagement, found, _moved(found)), diagnosis.measured(told, entry)

    assert [state.status for state in moved.verdict.states] == [state.status for state in scratch.verdict.states]
    assert moved.verdict.strength == scratch.verdict.strength
    pd.testing.assert_frame_equal(moved.evidence.flags, scratch.evidence.flags)
    assert moved.verdict.first_warning == scratch.verdict.first_warning
    pd.testing.assert_frame_equal(moved.evidence.confirmations, scratch.evidence.confirmations)


@COSTED
def test_a_moved_limit_costs_what_it_would_if_the_settings_had_said_so(engagement, store, key):
    """The money leans on all signs, so each is asked of an engagement of its own with this one limit moved."""
    found = diagnosis.examine(engagement, key)
    code, moves = found.sign.code.lower(), _moved(found).items()
    limits = {f"{code}.{name}": LimitOverride(amber=amber, red=red) for name, (amber, red) in moves}
    settings = load_settings(diagnosis.settings_of(SAMPLE)).model_copy(update={"limits": limits})

    moved, scratch = (
        judged_with(engagement, found, _moved(found)),
        diagnosis.examine(diagnosis.Engagement(store / "store", settings), key),
    )

    # The engine adds in parallel: the last digit differs from one engagement to the next.
    assert _money(moved.cost) == pytest.approx(_money(scratch.cost), rel=1e-9)
    assert (moved.cost.basis, moved.cause) == (scratch.cost.basis, scratch.cause)


def _money(cost):
    spared = cost.avoidable
    return [cost.amount, *((spared.low, spared.central, spared.high) if spared else ())]


@EVERY_SIGN
def test_a_moved_limit_is_answered_soon_and_leaves_the_engagement_alone(engagement, key):
    """Judged anew within the bound; the verdict under the limits in force is the one it was."""
    found, before = diagnosis.examine(engagement, key), _measured(engagement, key)
    start = time.process_time()

    judged_with(engagement, found, _moved(found, STRICTER))

    assert time.process_time() - start < SOON
    pd.testing.assert_frame_equal(_measured(engagement, key), before)
    assert diagnosis.at_limits(engagement, key, {}).settings == engagement.settings
    assert diagnosis.examine(engagement, key).cost == found.cost


def _measured(engagement, key):
    """The flags of a sign gathered anew from the engagement, nothing taken from what it remembers of the sign."""
    (entry,) = [entry for entry in registry() if entry.sign.key == key]
    path, _ = diagnosis.choose_path(engagement, entry.sign)
    return entry.gather(engagement, path).flags.copy()


@pytest.fixture
def desk(engagement, tmp_path):
    """A desk with two signs of one notebook."""
    findings = [diagnosis.examine(engagement, entry.sign.key) for entry in registry() if entry.sign.number in (8, 9)]
    faces = Faces(partial(desk_parts.before_and_after, engagement), desk_parts.table, desk_parts.word)
    return Desk(engagement, findings, faces, tmp_path / "runs" / "views")


def test_turning_a_knob_changes_picture_verdict_and_the_lines_to_copy(desk):
    """Amber nine steps up: the picture and the state follow; put back, all is as before."""
    desk.signs.value = 1
    place = desk.front
    before = (place.picture.value, place.state.value)

    place.amber.value += 9 * place.amber.step

    assert place.picture.value != before[0]
    assert place.state.value != before[1]
    assert "limits:" in place.said.value
    place.reset.click()
    assert (place.picture.value, place.state.value, place.said.value) == (*before, "")


def test_cycles_and_lines_narrow_picture_and_table_but_not_the_verdict(desk):
    """Fewer rows, the same state."""
    place = desk.front
    before = (place.table.value, place.state.value)

    place.cycles.index = (10, 20)
    place.lines.value = place.lines.options[:1]

    assert place.table.value.count("<tr>") < before[0].count("<tr>")
    assert place.state.value == before[1]


def test_each_sign_keeps_its_place_while_another_is_in_front(desk):
    """Back at a sign, its knobs stand where they were left."""
    first = desk.front
    desk.signs.value = 1

    assert desk.front is not first
    desk.signs.value = 0
    assert desk.front is first


def test_an_export_says_where_it_wrote(desk, tmp_path):
    """One folder below runs/views with picture, table and setting."""
    desk.front.export.click()

    (folder,) = (tmp_path / "runs" / "views").iterdir()
    assert f"runs/views/{folder.name}" in desk.front.said.value
    assert {path.name for path in folder.iterdir()} == {"chart.svg", "table.csv", "view.json"}
