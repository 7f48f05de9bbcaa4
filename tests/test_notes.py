"""The notes file: what the consultant writes is read as it stands, never written, and what cannot be used is named."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from helpers import runs
from helpers.commands import app
from helpers.compare import compare, load
from helpers.errors import Unusable
from helpers.findings import with_notes
from helpers.intake.sources import find_sources, strangers
from helpers.notes import Action, Notes, Remarks, load_notes
from helpers.settings import Settings
from helpers.signs import registry
from tests.test_main import extract

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = ROOT / "templates" / "notes.yaml"
KEYS = [entry.sign.key for entry in registry()]
KEY = KEYS[4]


def folder(tmp_path: Path, text: str) -> Path:
    """A data folder with a notes file in it."""
    (tmp_path / "notes.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def refusal(tmp_path: Path, text: str) -> str:
    """What is said of notes that cannot be used."""
    with pytest.raises(Unusable) as refused:
        load_notes(folder(tmp_path, text), KEYS)
    return str(refused.value)


# reading


def test_without_a_file_there_are_no_notes(tmp_path):
    """Notes are optional."""
    assert load_notes(tmp_path, KEYS) == Notes()


@pytest.mark.parametrize("text", ["", "signs:\n", f"signs:\n  {KEY}:\n", f"signs:\n  {KEY}: {{note: , actions: }}\n"])
def test_a_key_without_a_value_says_nothing(tmp_path, text):
    """A block begun and not yet filled is no mistake and shows nothing."""
    notes = load_notes(folder(tmp_path, text), KEYS)

    assert all(remarks.is_empty for remarks in (notes.general, *notes.signs.values()))


def test_note_and_actions_are_read_by_sign(tmp_path):
    """Text with its line breaks, owner, day and status; an action is open until somebody says otherwise."""
    text = (
        f"signs:\n  {KEY}:\n    note: |\n      One.\n      Two.\n    actions:\n    - {{action: Do, due: 2026-07-15}}\n"
    )

    remarks = load_notes(folder(tmp_path, text), KEYS).signs[KEY]

    assert remarks == Remarks(note="One.\nTwo.\n", actions=(Action(action="Do", due=date(2026, 7, 15), status="open"),))


def test_the_template_loads_as_it_is_and_says_nothing_about_anybody():
    """A copy of it changes no report; every sign is named in it."""
    text = TEMPLATE.read_text(encoding="utf-8")
    notes = Notes.model_validate(yaml.safe_load(text))

    assert notes.general.is_empty
    assert notes.signs == {}
    assert [key for key in KEYS if key not in text] == []


def test_the_example_of_the_template_can_be_used_once_its_marks_are_taken_away(tmp_path):
    """Uncommented it is a file that loads, with every key of an action."""
    head, _, example = TEMPLATE.read_text(encoding="utf-8").partition("# hidden_bottlenecks:")
    lines = f"# hidden_bottlenecks:{example}".replace("\n#", "\n ").replace("# hidden", "  hidden", 1)

    (remarks,) = load_notes(folder(tmp_path, head + lines), KEYS).signs.values()

    assert remarks.actions[0].model_fields_set == set(Action.model_fields)


@pytest.mark.parametrize(
    ("status", "due", "late"),
    [("open", "2026-05-31", True), ("open", "2026-06-01", False), ("done", "2026-05-31", False), ("open", None, False)],
)
def test_an_action_is_overdue_when_it_is_open_after_its_day(status, due, late):
    """On its day it is not yet late; what is done or has no day never is."""
    action = Action(action="Do", status=status, due=due)

    assert action.is_overdue(date(2026, 6, 1)) is late


# what cannot be used


def test_an_unknown_sign_is_named_with_the_nearest_and_the_known_ones(tmp_path):
    """A misspelt key would otherwise lose its note."""
    said = refusal(tmp_path, "signs: {hidden_botlenecks: {note: x}}\n")

    assert said == (
        f"{tmp_path / 'notes.yaml'}: the notes cannot be used.\n"
        "  signs: 'hidden_botlenecks' is not the key of a sign; the nearest is 'hidden_bottlenecks'. "
        f"Known are {', '.join(KEYS)}\n"
        "Keys and examples: templates/notes.yaml."
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"signs: {{{KEY}: {{notes: x}}}}", f"signs.{KEY}.notes: unknown key"),
        (f"signs: {{{KEY}: x}}", f"signs.{KEY}: "),
        (f"signs: {{{KEY}: {{actions: [{{owner: x}}]}}}}", f"signs.{KEY}.actions.0.action: Field required"),
        (f"signs: {{{KEY}: {{actions: [{{action: x, due: soon}}]}}}}", f"signs.{KEY}.actions.0.due: "),
        (
            f"signs: {{{KEY}: {{actions: [{{action: x, status: closed}}]}}}}",
            f"signs.{KEY}.actions.0.status: Input should be 'open', 'done' or 'dropped', found 'closed'",
        ),
        (f"signs:\n  {KEY}: {{note: x}}\n  {KEY}: {{note: y}}\n", f"the key '{KEY}' stands twice"),
        ("- x\n", "expected keys with values, found list. Start from templates/notes.yaml."),
        ("signs: [", "the notes cannot be read as YAML"),
    ],
    ids=["unknown key", "text", "no action", "no day", "no status", "twice", "list", "no YAML"],
)
def test_what_cannot_be_used_is_named_with_file_and_key(tmp_path, text, said):
    """One message that says where."""
    refused = refusal(tmp_path, text)

    assert refused.startswith(f"{tmp_path / 'notes.yaml'}: ")
    assert said in refused


# beside the run


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty working folder with an extract in `extract/`; one sign is enough."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("helpers.diagnosis.registry", lambda: registry()[:1])
    extract(tmp_path / "extract")
    return tmp_path


def noted(here: Path, note: str) -> None:
    """Write a note on the first sign."""
    (here / "extract/notes.yaml").write_text(f"signs: {{{KEYS[0]}: {{note: {note}}}}}\n", encoding="utf-8")


def diagnosed() -> dict:
    """Diagnose the extract into `results/`; the first sign as `findings.json` has it."""
    ended = CliRunner().invoke(app, ["diagnose", "--data", "extract", "--out", "results"])
    assert ended.exit_code == 0, ended.stderr
    return json.loads(Path("results/findings.json").read_text(encoding="utf-8"))["signs"][0]


def test_a_run_into_the_same_folder_shows_the_notes_as_they_are_now(here):
    """Notes are no part of the identity of a run, are never written, and change nothing else in the findings."""
    without = diagnosed()
    noted(here, "first")
    diagnosed()
    noted(here, "second")
    before = (here / "extract/notes.yaml").read_bytes()

    after = diagnosed()

    assert "notes" not in without
    assert after.pop("notes") == {"note": "second", "actions": []}
    assert after == without
    assert (here / "extract/notes.yaml").read_bytes() == before


def test_the_identity_of_a_run_does_not_follow_its_notes(here):
    """Same data, settings and date: the same run."""
    plain = runs.identity(here / "extract", Settings(), None)
    noted(here, "first")

    assert runs.identity(here / "extract", Settings(), None) == plain


def test_notes_are_no_file_that_nobody_read(here):
    """`notes.yaml` is the kit's own and not listed among the strangers."""
    noted(here, "first")
    data = here / "extract"

    assert strangers(data, find_sources(data, Settings())) == []


@pytest.mark.parametrize("command", ["report", "diagnose", "check"])
def test_notes_that_cannot_be_used_stop_the_run_before_it_begins(here, command):
    """Status 2, one message, nothing written."""
    (here / "extract/notes.yaml").write_text("signs: {nothing: {note: x}}\n", encoding="utf-8")

    refused = CliRunner().invoke(app, [command, "--data", "extract", "--out", "results"])

    assert refused.exit_code == 2
    assert "'nothing' is not the key of a sign" in refused.stderr
    assert not (here / "results").exists()


def test_two_runs_compare_the_same_with_notes_and_without(here):
    """What people wrote is no change of a sign."""
    diagnosed()
    plain = load(here / "results")
    action = Action(action="Do", due="2026-07-15")
    notes = Notes(general=Remarks(note="x"), signs={KEYS[0]: Remarks(actions=(action,))})

    assert compare(plain, with_notes(plain, notes)) == compare(plain, plain)
    assert with_notes(plain, notes)["signs"][0]["notes"]["actions"][0]["due"] == "2026-07-15"
