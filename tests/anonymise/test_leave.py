"""The copy as a user makes it: what leaves, what stays, and that a run that fails leaves nothing."""

from __future__ import annotations

import csv
import json
import signal
import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from click.testing import Result
from typer.testing import CliRunner

from helpers import manifest
from helpers.anonymise import leave
from helpers.anonymise.book import Book, Entry
from helpers.anonymise.key import read_key
from helpers.anonymise.traces import CLIENT
from helpers.commands import app
from helpers.diagnosis import Diagnosis, diagnose, open_engagement
from helpers.engagement import Engagement
from helpers.findings import findings_json
from helpers.report.realignment import NOT_ASKED
from helpers.report.since import since
from helpers.report.write import ReportResult, page_html
from helpers.signs import registry
from tests.anonymise import clients

ROOT = Path(__file__).resolve().parents[2]
Kit = Callable[..., Result]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with the client's extract in `acme/` and the machine's temporary folder in `temporary/`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    clients.write(tmp_path / "acme")
    return tmp_path


@pytest.fixture(autouse=True)
def one_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders and messages do not depend on what was found: one sign is enough, and nothing around it."""
    monkeypatch.setattr("helpers.diagnosis.registry", lambda: registry()[:1])
    monkeypatch.setattr("helpers.diagnosis.process", lambda *_: None)
    monkeypatch.setattr("helpers.diagnosis.root_causes", lambda *_: None)


@pytest.fixture
def kit() -> Kit:
    """Runs the command line in this process."""
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """A report of one page without notebooks and without a plan ahead, on which the test has a word."""

    def stand_in(said: str) -> None:
        def write_report(engagement: Engagement, diagnosis: Diagnosis, _: Any, data: Path, out: Path, *__: Any) -> Any:
            html = page_html(engagement, diagnosis, [], data, out)
            (out / "report.html").write_text(html.replace("</main>", f"<p>{said}</p></main>"), encoding="utf-8")
            return ReportResult(out / "report.html", ())

        monkeypatch.setattr("helpers.report.write.write_report", write_report)
        monkeypatch.setattr("helpers.report.realignment.planned", lambda *_: NOT_ASKED)
        monkeypatch.setattr("helpers.report.pages.pages", lambda *_: nullcontext(lambda _: lambda: ()))

    return stand_in


def below(folder: Path) -> list[str]:
    """Every file below a folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


# what leaves and what stays


def test_the_copy_holds_results_and_no_name(here: Path, kit: Kit, page: Callable[[str], None]) -> None:
    """Page, findings, rejects and the count of what was searched; no rows of the client, no log, no trace of work."""
    page("fine")
    said = kit("report", "--data", "acme", "--anonymise", "--out", "leaves")
    left = "\n".join((here / "leaves" / name).read_text(encoding="utf-8") for name in below(here / "leaves"))

    assert said.exit_code == 0, said.output
    assert below(here / "leaves") == ["anonymised.json", "findings.json", "rejects/actual_demand.csv", "report.html"]
    assert [name for name in (*clients.NAMES, "XX-999", "kx-77", "acme") if name.lower() in left.lower()] == []
    assert "Names in this copy are pseudonyms" in left
    assert below(here / "temporary") == []


def test_the_key_stays_outside_and_both_places_are_said(here: Path, kit: Kit) -> None:
    """Without --out the folder is not named after the client."""
    said = kit("diagnose", "--data", "acme", "--anonymise")
    (folder,) = (here / "runs").glob("anonymised-*")
    key = Path("runs/keys") / f"{folder.name}-key.csv"

    assert said.exit_code == 0, said.output
    assert f"may leave the house: {folder.relative_to(here)}" in said.stdout
    assert f"Its key, must stay: {key}" in said.stdout
    assert "Kefir" in key.read_text(encoding="utf-8-sig")


def test_a_name_in_the_key_says_whether_it_could_be_proved(here: Path, kit: Kit) -> None:
    """Names too short or ordinary are counted in the copy and listed in the key only."""
    kit("diagnose", "--data", "acme", "--anonymise", "--out", "leaves", "--key", "key.csv")
    proofs = {entry.original: entry.proof for entry in read_key(here / "key.csv").entries.values()}
    counted = json.loads((here / "leaves/anonymised.json").read_text(encoding="utf-8"))

    assert (proofs["E1"], proofs["Kefir"], proofs["Brumfield Dairies"]) == ("not provable", "checked", "checked")
    assert counted["names_checked"] + counted["not_provable"] == len(proofs)
    assert (counted["names_found"], counted["files_checked"]) == (0, 2)


def test_the_counts_are_those_of_the_extract_as_it_was_sent(here: Path, kit: Kit) -> None:
    """Rows set aside stay counted; their values and the nearest item are withheld."""
    kit("diagnose", "--data", "acme", "--anonymise", "--out", "leaves", "--key", "key.csv")
    findings = json.loads((here / "leaves/findings.json").read_text(encoding="utf-8"))
    demand = next(table for table in findings["intake"] if table["table"] == "actual_demand")
    with (here / "leaves/rejects/actual_demand.csv").open(encoding="utf-8", newline="") as lines:
        faults = list(csv.DictReader(lines))

    assert (demand["rows_read"], demand["rows_used"], demand["rows_rejected"]) == (44, 42, 2)
    assert findings["client"] == CLIENT
    assert [(fault["file"], fault["line"], fault["value"]) for fault in faults] == [
        ("actual_demand", "44", "withheld"),
        ("actual_demand", "45", "withheld"),
    ]
    assert {fault["rule"] for fault in faults} == {"not an item_id of the table items"}


def test_the_same_key_gives_the_same_pseudonyms(here: Path, kit: Kit) -> None:
    """Two copies of one client can be laid beside each other; without the key they cannot."""
    for out, key in (("one", "key.csv"), ("two", "key.csv"), ("three", "other.csv")):
        assert kit("diagnose", "--data", "acme", "--anonymise", "--out", out, "--key", key).exit_code == 0
    same, other = read_key(here / "key.csv"), read_key(here / "other.csv")

    assert (here / "one/findings.json").read_bytes() == (here / "two/findings.json").read_bytes()
    assert same.secret != other.secret


def test_the_copy_is_not_compared_with_earlier_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their names are others, or worse, the client's own."""
    diagnosis = diagnose(open_engagement(clients.write(tmp_path / "acme"), tmp_path / "out"))
    monkeypatch.setattr("helpers.report.since.last_before", lambda *_: pytest.fail("looked for an earlier run"))
    hidden = replace(diagnosis, manifest=replace(diagnosis.manifest, anonymised=True))

    assert since(hidden, tmp_path, tmp_path) == ""


def test_a_store_remembers_that_it_holds_pseudonyms(tmp_path: Path) -> None:
    """Whoever opens it next is told."""
    manifest.Manifest("mark", (), {}, anonymised=True).save(tmp_path)
    found = manifest.load_manifest(tmp_path)

    assert found is not None
    assert found.anonymised


# what cannot be used


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--out", "acme"], "an anonymised copy needs a new or empty folder"),
        (["--out", "acme/leaves"], "lies among the client's own files"),
        (["--out", "leaves", "--key", "leaves/key.csv"], "the key would leave with the copy"),
        (["--out", "leaves", "--key", "acme"], "this is a folder. Name a file with --key."),
        (["--out", "leaves", "--key", "acme/items.csv"], "this is not a key of an anonymised run"),
        (["--out", "acme/items.csv/x"], "items.csv is no folder. Choose another place with --out."),
        (
            ["--out", "leaves", "--key", "acme/items.csv/key"],
            "items.csv is no folder. Choose another place with --key.",
        ),
        (["--out", "."], "work is done in this folder, it cannot leave"),
        (["--out", "link"], "this is a link. Name the folder itself with --out."),
        (["--out", "leaves", "--as-of", "2001-01-01"], "no cycle on or before this date"),
    ],
    ids=[
        "full folder",
        "among the data",
        "key inside",
        "key a folder",
        "key a table",
        "below a file",
        "key below a file",
        "here",
        "a link",
        "too early",
    ],
)
def test_what_cannot_be_used_leaves_nothing(here: Path, kit: Kit, arguments: list[str], said: str) -> None:
    """One message, status 2, no file more than before."""
    (here / "link").symlink_to(here / "elsewhere")
    before = below(here)
    refused = kit("diagnose", "--data", "acme", "--anonymise", *arguments)

    assert refused.exit_code == 2
    assert said in refused.stderr
    assert below(here) == before


def test_a_key_without_a_copy_is_refused(here: Path, kit: Kit) -> None:
    """A forgotten --anonymise must not write names into a folder that is to leave."""
    refused = kit("diagnose", "--data", "acme", "--key", "key.csv", "--out", "leaves")

    assert refused.exit_code == 2
    assert "Add --anonymise" in refused.stderr
    assert not (here / "leaves").exists()


def test_a_name_that_is_left_stops_the_copy(here: Path, kit: Kit, page: Callable[[str], None]) -> None:
    """Nothing is handed over; the message names nobody, the key does."""
    page("thanks to marta OLDACRE")
    refused = kit("report", "--data", "acme", "--anonymise", "--out", "leaves", "--key", "key.csv")
    found = [entry.original for entry in read_key(here / "key.csv").entries.values() if entry.proof == "found"]

    assert refused.exit_code == 2
    assert "1 original name or text was found in finished files (html): nothing was handed over" in refused.stderr
    assert "oldacre" not in refused.output.lower()
    assert found == ["Marta Oldacre"]
    assert not (here / "leaves").exists()
    assert below(here / "temporary") == []


def test_a_word_marked_ordinary_in_the_key_lets_the_copy_pass(
    here: Path, kit: Kit, page: Callable[[str], None]
) -> None:
    """A false alarm is settled by a person, in the key."""
    page("Kefir for everybody")
    arguments = ("report", "--data", "acme", "--anonymise", "--out", "leaves", "--key", "key.csv")
    first = kit(*arguments)
    key = (here / "key.csv").read_text(encoding="utf-8-sig")
    (here / "key.csv").write_text(key.replace(",found", ",ordinary"), encoding="utf-8")

    assert (first.exit_code, kit(*arguments).exit_code) == (2, 0)


def test_a_run_that_breaks_off_leaves_nothing(here: Path, kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even the key, and no copy of the client's tables anywhere."""
    before = below(here)
    monkeypatch.setattr(leave, "write_tables", lambda *_: 1 / 0)
    broken = kit("diagnose", "--data", "acme", "--anonymise", "--out", "leaves")

    assert broken.exit_code == 1
    assert "ZeroDivisionError at helpers/anonymise/leave.py" in broken.stderr
    assert below(here) == before


def test_a_copy_that_cannot_be_put_in_place_is_one_message(
    here: Path, kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk at the end is no traceback."""
    monkeypatch.setattr(leave.shutil, "copytree", Mock(side_effect=OSError(28, "No space left on device")))
    refused = kit("diagnose", "--data", "acme", "--anonymise", "--out", "leaves")

    assert refused.exit_code == 2
    assert "leaves: the disk is full." in refused.stderr
    assert not (here / "leaves").exists()


def test_a_run_that_is_told_to_end_leaves_nothing(here: Path, kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    """The private folder is gone, and later signals are handled as before."""
    handler = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(leave, "write_tables", lambda *_: signal.raise_signal(signal.SIGTERM))
    before = below(here)
    ended = kit("diagnose", "--data", "acme", "--anonymise", "--out", "leaves")

    assert ended.exit_code == 128 + signal.SIGTERM
    assert below(here) == before
    assert signal.getsignal(signal.SIGTERM) == handler


def test_two_clients_do_not_share_a_key(here: Path, kit: Kit) -> None:
    """Copies of the same name without --key: the second key takes a name not in use."""
    clients.write(here / "other")
    for client in ("acme", "other"):
        kit("diagnose", "--data", client, "--anonymise", "--out", f"{client}-leaves/copy")
    one, two = (read_key(here / "runs/keys" / name) for name in ("copy-key.csv", "copy-2-key.csv"))

    assert one.secret != two.secret
    assert {"acme", "other"} & {entry.original for entry in two.entries.values()} == {"other"}


def test_a_text_that_is_left_stands_in_the_key(here: Path, kit: Kit, page: Callable[[str], None]) -> None:
    """Marked ordinary there, with the names in it, it lets the copy pass."""
    page("safety stock of KEFIR for Tollgate Glassworks")
    arguments = ("report", "--data", "acme", "--anonymise", "--out", "leaves", "--key", "key.csv")
    refused = kit(*arguments)
    entries = read_key(here / "key.csv").entries.values()
    found = {entry.kind: entry.original for entry in entries if entry.proof == "found"}
    key = (here / "key.csv").read_text(encoding="utf-8-sig")
    (here / "key.csv").write_text(key.replace(",found", ",ordinary"), encoding="utf-8")

    assert refused.exit_code == 2
    assert found["remark"] == "safety stock of Kefir for Tollgate Glassworks"
    assert kit(*arguments).exit_code == 0


def test_the_log_of_a_part_that_failed_stays_with_the_key(
    here: Path, kit: Kit, page: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never in the copy; it names no error's words, and where it lies is said."""
    page("fine")
    monkeypatch.setattr("helpers.report.slides.write_slides", Mock(side_effect=ValueError("Kefir")))
    said = kit("report", "--data", "acme", "--anonymise", "--slides", "--out", "leaves", "--key", "keys/key.csv")

    assert said.exit_code == 3
    assert "Details: keys/key-run.log" in said.stderr
    log = (here / "keys/key-run.log").read_text(encoding="utf-8")
    assert "slides.pptx failed\nValueError" in log
    assert "Kefir" not in log
    assert "run.log" not in below(here / "leaves")


def test_notes_stay_out_of_the_copy_and_that_is_said(here: Path, kit: Kit) -> None:
    """Words of the consultant may name anybody."""
    (here / "acme/notes.yaml").write_text("general: {note: Ask Marta about the Kefir line}", encoding="utf-8")
    said = kit("diagnose", "--data", "acme", "--anonymise", "--out", "leaves", "--key", "key.csv")

    assert "notes.yaml was left out of the copy" in said.stdout
    assert "Ask" not in json.loads((here / "leaves/findings.json").read_text(encoding="utf-8")).get("notes", "")


# results


def _bare(value: Any, names: dict[str, str]) -> Any:
    """Findings with names put back, lists without their order, numbers to nine digits."""
    if isinstance(value, dict):
        return {names.get(key, key): _bare(inner, names) for key, inner in value.items()}
    if isinstance(value, list):
        return sorted((_bare(inner, names) for inner in value), key=lambda inner: json.dumps(inner, sort_keys=True))
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, str):
        for pseudonym, name in names.items():
            value = value.replace(pseudonym, name)
    return ", ".join(sorted(value.split(", "))) if isinstance(value, str) else value


def test_the_findings_are_those_of_the_plain_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Number by number on the sample. Ties are settled by name, so the book keeps the order of what ties there."""
    monkeypatch.setattr("helpers.diagnosis.registry", registry)
    book = Book()
    for kind, names in (("family", FAMILIES), ("segment", SEGMENTS)):
        label = kind.capitalize()
        book.entries.update(
            {("thing", name): Entry(kind, name, f"{label} {place:02}") for place, name in enumerate(names, 1)}
        )
    leave.write_key(tmp_path / "key.csv", book)
    plain = findings_json(diagnose(open_engagement(ROOT / "sample_data", tmp_path / "plain")))
    settings = open_engagement(ROOT / "sample_data", tmp_path / "plain").settings
    departure = leave.Departure(tmp_path / "leaves", tmp_path / "key.csv")
    with leave.anonymised(ROOT / "sample_data", settings, departure) as copy:
        hidden = findings_json(diagnose(open_engagement(copy.data, copy.folder, copy.settings_file)))
        (copy.folder / "findings.json").write_text(json.dumps(hidden), encoding="utf-8")
    entries = read_key(tmp_path / "key.csv").entries.values()
    names = {entry.pseudonym: entry.original for entry in entries if entry.kind not in ("title", "client", "file")}

    assert _bare({**hidden, "client": plain["client"]}, names) == _bare(plain, {})


FAMILIES = ("Desserts", "Soups", "Biscuits", "Ready Meals", "Gift Boxes", "Spreads", "Sauces", "Baking Mixes")
SEGMENTS = ("Export", "Foodservice", "Retail", "Wholesale")
