"""Two saved runs beside each other: what became of each sign, what it costs, and what cannot be compared."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from helpers import compare as beside
from helpers.commands import app
from helpers.compare import compare, load, points, rows, settings_recorded
from helpers.errors import Unusable
from helpers.settings import Settings

SCRIPT = "\x1b[31mred\x1b[0m"


def sign(key: str = "some_sign", status: str = "recurring", strength: float = 0.8, **changes: Any) -> dict[str, Any]:
    """One sign as it is saved, with a cost of 1,000 of which 300 to 500 avoidable."""
    said = {
        "sign": 1,
        "key": key,
        "status": status,
        "strength": strength,
        "first_warning_cycle": "2025-03-01" if status == "recurring" else None,
        "cost": {"amount": 1000.0, "additive": True, "avoidable": {"low": 300.0, "central": 400.0, "high": 500.0}},
        "metrics": [{"name": "late_share", "amber": 0.05, "red": 0.1}],
        "evidence_level": "full",
        "path": "all",
    }
    return {**said, **changes}


def findings(*signs: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Findings of Acme with these signs; the sign of `sign()` when none is given."""
    said = {
        "schema_version": "1",
        "kit_version": "0.1.0",
        "client": "Acme",
        "currency": "EUR",
        "as_of": "2026-01-01",
        "bucket": "month",
        "cycles": ["2025-01-01"] * 24,
        "signs": list(signs) or [sign()],
        "money": {"total": 5000.0},
        "verdict": {"level": "watch", "message": "A question.", "alignment_index": 70.0},
        "settings": {},
    }
    return {**said, **changes}


def later(*signs: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The same client three months later."""
    return findings(*signs, **{"as_of": "2026-04-01", **changes})


def saved(path: Path, content: Any) -> Path:
    """`content` as `findings.json` in a run's folder."""
    path.mkdir()
    (path / "findings.json").write_text(json.dumps(content), encoding="utf-8")
    return path


def kind(before: dict[str, Any], after: dict[str, Any]) -> str:
    """What became of one sign."""
    return compare(findings(before), later(after)).signs[0].kind


@pytest.fixture
def kit():
    """Runs the command line in this process."""
    return lambda *arguments: CliRunner().invoke(app, ["compare", *map(str, arguments)])


# what became of a sign


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (("absent", 0.1), ("recurring", 0.8), "new"),
        (("isolated", 0.3), ("recurring", 0.5), "new"),
        (("recurring", 0.8), ("isolated", 0.4), "gone"),
        (("recurring", 0.5), ("absent", 0.1), "gone"),
        (("absent", 0.4), ("isolated", 0.3), "worse"),
        (("isolated", 0.3), ("absent", 0.4), "better"),
        (("recurring", 0.6), ("recurring", 0.65), "worse"),
        (("recurring", 0.65), ("recurring", 0.6), "better"),
        (("recurring", 0.6), ("recurring", 0.649), "unchanged"),
        (("not_assessable", 0.0), ("recurring", 0.8), "apart"),
        (("recurring", 0.8), ("not_assessable", 0.0), "apart"),
        (("isolated", 0.3), ("not_assessable", 0.0), "apart"),
        (("not_assessable", 0.0), ("not_assessable", 0.0), "apart"),
    ],
)
def test_status_counts_before_strength(before, after, said):
    """New and gone are about recurring; then status, then 0.05 of strength; not assessable is never better."""
    assert kind(sign("a", *before), sign("a", *after)) == said


def test_strengths_of_two_levels_of_evidence_are_not_compared():
    """The cap of a level is no improvement, and the table says that the level differs."""
    full, reduced = sign(strength=1.0), sign(strength=0.9, evidence_level="reduced")
    change = compare(findings(full), later(reduced)).signs[0]

    assert change.kind == "unchanged"
    assert change.notes == ("other level of evidence (full, now reduced): strengths not compared",)


def test_a_sign_that_one_run_does_not_know_is_said():
    """An eleventh sign has no past: neither new nor better."""
    changes = compare(findings(sign("old_one")), later(sign("new_one"))).signs

    assert [(change.key, change.kind) for change in changes] == [("new_one", "apart"), ("old_one", "apart")]
    assert changes[0].notes == ("only the run after knows this sign",)


def test_two_equal_runs_change_nothing():
    """Every sign unchanged, no arrow in any cell, and the same date is said."""
    same = findings(sign("a"), sign("b", "absent", 0.1))
    comparison = compare(same, deepcopy(same))

    assert {change.kind for change in comparison.signs} == {"unchanged"}
    assert "→" not in "".join(str(row) for row in rows(comparison))
    assert comparison.caveats[0].startswith("Both runs are as of the same date")


def test_what_is_compared_is_left_as_it_was():
    """The two findings are read, never changed."""
    before, after = findings(), later(sign(status="absent"))
    copies = deepcopy((before, after))
    compare(before, after)

    assert (before, after) == copies


# in words


def test_the_words_name_verdict_kinds_and_money():
    """New and gone are always said, other kinds where there are any; costs with their change."""
    before = findings(sign("late_forecast_changes", "absent", 0.1), money={"total": 4000.0})
    after = later(sign("late_forecast_changes"), verdict={"level": "severe"})

    assert points(compare(before, after)) == [
        (
            "Verdict",
            "watch (0 of 1 assessable signs recurring) before, severe (1 of 1 assessable signs recurring) now.",
        ),
        ("New", "Late forecast changes (absent → recurring, first warning 2025-03)."),
        ("Gone", "none."),
        (
            "Cost",
            (
                "4,000 EUR → 5,000 EUR (+1,000) for compensation in the last 12 closed cycles; "
                "avoidable, central estimate: 400 EUR."
            ),
        ),
    ]


def test_a_row_shows_both_sides_where_they_differ():
    """Status, strength, first warning, cost and avoidable cost."""
    cost = {"amount": 700.0, "additive": False, "avoidable": None}
    row = rows(compare(findings(), later(sign(status="isolated", strength=0.3, cost=cost))))[0]

    assert (row.change, row.status, row.strength) == ("gone", "recurring → isolated", "0.80 → 0.30")
    assert (row.first_warning, row.cost, row.avoidable) == ("2025-03 → –", "1,000 → 700 (−300)*", "400 → –")


def test_a_small_change_is_shown_beside_one_amount():
    """Amounts that read alike are not written twice."""
    cost = {"amount": 839_357.0, "additive": True}
    before = sign(cost={**cost, "amount": 839_000.0})

    assert rows(compare(findings(before), later(sign(cost=cost))))[0].cost == "839 k (+357)"


def test_a_sign_newly_assessed_is_told_apart_with_what_it_says():
    """A recurring sign is not hidden because the run before could not see it."""
    said = dict(points(compare(findings(sign("a", "not_assessable", 0.0)), later(sign("a")))))

    assert said["Not compared"] == "A (recurring now, could not be assessed before)."
    assert said["New"] == "none."


# what cannot be compared


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"client": "Bolt"}, "Two clients (Acme, then Bolt): what differs is no course of one company."),
        ({"kit_version": "0.2.0"}, "Other version of the kit (0.1.0, then 0.2.0): its rules may have changed."),
        ({"currency": "CHF"}, "Other currency (EUR, then CHF): costs are not compared."),
        (
            {"bucket": "week"},
            (
                "Other bucket (month, then week): cycles are not of one length, so strengths and first warnings are "
                "not like for like and costs are not compared."
            ),
        ),
        (
            {"settings": {"sensitivity": "early", "limits": {"late_share": {"amber": 0.1}}}},
            'Other settings: limits default → {"late_share": {"amber": 0.1}}; sensitivity default → early.',
        ),
        (
            {"settings": None},
            "The settings of a run were not recorded: whether they changed is not known, beyond the limits shown.",
        ),
        ({"as_of": "2025-10-01"}, "The run named first is the later one: the changes read backwards in time."),
        ({"as_of": "soon"}, "A run does not say as of when it is: which one is later is not known."),
        (
            {"money": None},
            "The total of compensation is not known in one of the runs (nothing booked, or it did not reconcile).",
        ),
        (
            {"cycles": ["2025-01-01"] * 8},
            (
                "Costs are of the last 12 closed cycles; a run has fewer (24 cycles before, 8 now), so the amounts "
                "cover different spans."
            ),
        ),
        (
            {"signs": [sign(metrics=[{"name": "late_share", "amber": 0.08, "red": 0.1}])]},
            "Other limits: Some sign.",
        ),
        (
            {"signs": [sign(status="not_assessable")]},
            "Assessed in one run only: Some sign. Verdicts and sums of cost rest on different signs.",
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_is_not_like_for_like_is_said(changes, said):
    """One difference, one caveat."""
    assert compare(findings(), later(**changes)).caveats == (said,)


def test_unnamed_clients_may_be_two():
    """The default name is no name."""
    nobody = Settings().client

    assert compare(findings(client=nobody), later(client=nobody)).caveats == (
        "Neither run names its client: that both are of one company cannot be told from the findings.",
    )


@pytest.mark.parametrize("changes", [{"currency": "CHF"}, {"bucket": "week"}], ids=["currency", "bucket"])
def test_costs_of_other_money_or_other_cycles_are_not_subtracted(changes):
    """No amount of change where there is none to be had."""
    comparison = compare(findings(), later(**changes))

    assert (rows(comparison)[0].cost, rows(comparison)[0].avoidable) == ("not compared", "not compared")
    assert dict(points(comparison))["Cost"].startswith("not compared: 5,000 EUR before, 5,000 ")


def test_a_first_warning_that_moved_is_said():
    """With the same data and rules it cannot move."""
    change = compare(findings(), later(sign(first_warning_cycle="2025-05-01"))).signs[0]

    assert change.notes == ("the first warning moved: the same months are read differently (data, settings or kit)",)


def test_the_settings_that_count_are_recorded():
    """What differs from the default; of the mapping a digest that does not change with the name of a file."""
    june, july, other = (
        settings_recorded(Settings.model_validate({"client": "Acme", "tables": {"items": source}}))
        for source in ({"file": "june.csv"}, {"file": "july.csv"}, {"file": "june.csv", "decimal": ","})
    )

    assert june == july != other
    assert set(june) == {"mapping"}


# files


def test_odd_values_in_a_file_count_as_not_known():
    """Findings come from a file that anyone may have written: a wrong type is missing, never a traceback."""
    odd = sign(strength="high", cost=[], metrics={"a": 1}, first_warning_cycle="03/2025", sign="one")
    comparison = compare(findings(), later(odd, cycles=12, verdict=[], money=[], kit_version=1, client=None))

    assert comparison.signs[0].kind == "unchanged"
    assert rows(comparison)[0].cost == "1,000 → –"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "not JSON (Expecting property name"),
        ('{"schema_version": NaN}', "not JSON (NaN is not a number of JSON)"),
        ("[" * 100_000, "not JSON ("),
        ("[]", "JSON, but not the findings of a run: it names no schema_version."),
        ('{"schema_version": "9"}', "schema '9' of the findings is unknown. This version of the kit reads schema '1'."),
        ('{"schema_version": "1"}', "not the findings of a run: 'signs' must list every sign with its key and status."),
        (
            '{"schema_version": "1", "signs": [{"key": "a", "status": "fine"}]}',
            "not the findings of a run: 'signs' must list every sign with its key and status.",
        ),
    ],
    ids=["not JSON", "NaN", "nested", "a list", "other schema", "no signs", "unknown status"],
)
def test_a_file_that_is_no_findings_is_refused(tmp_path, kit, content, said):
    """One message that names the file, exit status 2."""
    (tmp_path / "findings.json").write_text(content, encoding="utf-8")
    result = kit(tmp_path, tmp_path)

    assert result.exit_code == 2
    assert f"{tmp_path / 'findings.json'}: {said}" in result.output


def test_a_run_that_is_not_there_is_refused(tmp_path):
    """A wrong name and a folder without findings get a message each."""
    with pytest.raises(Unusable) as missing:
        load(tmp_path / "nowhere")
    with pytest.raises(Unusable) as empty:
        load(tmp_path)

    assert str(missing.value) == (
        f"{tmp_path / 'nowhere'}: there is no such file or folder. Name a run's folder or its findings.json."
    )
    assert str(empty.value) == (
        f"{tmp_path}: no findings.json in this folder. Name the folder of a finished report or diagnosis."
    )


def test_the_command_says_what_changed_and_writes_it(tmp_path, kit):
    """Folders or files; words, table and caveats on the terminal; the same as JSON."""
    before = saved(tmp_path / "a", findings(sign("a", "absent", 0.1)))
    after = saved(tmp_path / "b", later(sign("a"), kit_version="0.2.0"))
    result = kit(before, after / "findings.json", "--out", tmp_path / "new" / "change.json")
    written = json.loads((tmp_path / "new" / "change.json").read_text(encoding="utf-8"))

    assert result.exit_code == 0
    assert "New: A (absent → recurring, first warning 2025-03)." in result.output
    assert "Not like for like: Other version of the kit (0.1.0, then 0.2.0)" in result.output
    assert (written["signs"][0]["kind"], written["before"]["kit_version"]) == ("new", "0.1.0")


def test_nothing_is_written_over(tmp_path, kit):
    """A file that is there stays as it is."""
    run, taken = saved(tmp_path / "a", findings()), tmp_path / "taken.json"
    taken.write_text("mine", encoding="utf-8")
    result = kit(run, run, "--out", taken)

    assert result.exit_code == 2
    assert f"{taken}: there is such a file or folder already. Choose another name with --out." in result.output
    assert taken.read_text(encoding="utf-8") == "mine"


def test_a_terminal_gets_no_control_characters(tmp_path, kit):
    """What a file holds is shown, not obeyed."""
    odd = later(sign(f"a{SCRIPT}"), client=SCRIPT, currency=SCRIPT, verdict={"message": SCRIPT, "level": SCRIPT})
    result = kit(saved(tmp_path / "a", odd), saved(tmp_path / "b", {**odd, "kit_version": SCRIPT}))

    assert result.exit_code == 0
    assert "\x1b" not in result.output


def test_a_run_is_saved_with_what_a_comparison_needs():
    """Fields that are read here are fields that are written."""
    from tests.report import fakes

    said = json.loads(json.dumps(beside.recorded(fakes.diagnosis(sensitivity="early")), allow_nan=False))
    comparison = compare(said, said)

    assert said["settings"] == {"sensitivity": "early"}
    assert (len(comparison.of("unchanged")), len(comparison.of("apart"))) == (9, 1)
    assert comparison.signs[0].after.limits == {"late_share": (0.05, 0.1)}
