"""The command line as a user meets it: options, messages, exit status, and folders that are never written over."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from helpers import __version__, commands, runs
from helpers.commands import app
from helpers.report.write import ReportResult
from helpers.signs import registry
from tests.scenarios.realigned import small

ROOT = Path(__file__).resolve().parents[1]
COMMANDS = ("report", "diagnose", "plan", "check", "request", "compare", "lab", "test")


def extract(folder: Path, months: int = 8, demand: float = 10.0) -> Path:
    """A folder with items, forecasts and demand of two items in `months` months."""
    folder.mkdir(parents=True, exist_ok=True)
    cycles = pd.date_range("2024-01-01", periods=months, freq="MS")
    pairs = [(cycle, item, lag) for cycle in cycles for item in "ab" for lag in range(6)]
    forecasts = pd.DataFrame(
        [(c, i, c + pd.DateOffset(months=k), demand) for c, i, k in pairs],
        columns=["cycle", "item_id", "period", "quantity"],
    )
    facts = pd.DataFrame([(c, i, demand) for c in cycles for i in "ab"], columns=["period", "item_id", "quantity"])
    pd.DataFrame({"item_id": ["a", "b"], "family": ["Bread", "Milk"]}).to_csv(folder / "items.csv", index=False)
    forecasts.to_csv(folder / "forecast_snapshots.csv", index=False)
    facts.to_csv(folder / "actual_demand.csv", index=False)
    return folder


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty working folder with an extract in `extract/`."""
    monkeypatch.chdir(tmp_path)
    extract(tmp_path / "extract")
    return tmp_path


@pytest.fixture(autouse=True)
def one_sign(request, monkeypatch):
    """Folders, messages and statuses do not depend on the signs: one is enough, unless a test asks for all."""
    if "all_signs" not in request.fixturenames:
        monkeypatch.setattr("helpers.diagnosis.registry", lambda: registry()[:1])


@pytest.fixture
def all_signs():
    """Lets a test run every sign."""


@pytest.fixture
def kit():
    """Runs the command line in this process."""
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


@pytest.fixture
def reported(monkeypatch):
    """A report without notebooks: one page, and the failures that the test names."""

    def stand_in(*failures: str) -> None:
        def write_report(engagement, diagnosis, made, data_dir, out_dir, *_):
            (out_dir / "report.html").write_text("<html></html>", encoding="utf-8")
            return ReportResult(out_dir / "report.html", failures)

        monkeypatch.setattr("helpers.report.write.write_report", write_report)
        monkeypatch.setattr("helpers.report.pages.pages", lambda *_: nullcontext(lambda _: lambda: ()))

    return stand_in


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, with its bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# help and usage


def test_the_entry_runs_as_a_module():
    """`python -m helpers --version` says the version."""
    said = subprocess.run([sys.executable, "-m", "helpers.commands"], cwd=ROOT, capture_output=True, check=False)
    asked = "from helpers.commands import run; import sys; sys.argv[1:] = ['--version']; run()"

    assert said.returncode == 0
    assert subprocess.check_output([sys.executable, "-c", asked], cwd=ROOT, text=True).strip() == __version__


def test_help_does_not_wait_for_the_heavy_libraries():
    """`--help` answers without importing pandas, Ibis or DuckDB."""
    asked = "import sys, helpers.commands; print(sorted({'pandas', 'ibis', 'duckdb', 'matplotlib'} & set(sys.modules)))"

    assert subprocess.check_output([sys.executable, "-c", asked], cwd=ROOT, text=True).strip() == "[]"


def test_the_help_names_every_command(kit):
    """What can be done is said in one place."""
    said = kit("--help")

    assert said.exit_code == 0
    assert [name for name in COMMANDS if f"  {name} " not in said.output] == []


@pytest.mark.parametrize(
    ("command", "options"),
    [
        (
            "report",
            (
                "--data DIR",
                "--out DIR",
                "--settings FILE",
                "--as-of YYYY-MM-DD",
                "--slides",
                "--pdf",
                "--anonymise",
                "--key FILE",
            ),
        ),
        (
            "diagnose",
            ("--data DIR", "--out DIR", "--settings FILE", "--as-of YYYY-MM-DD", "--anonymise", "--key FILE"),
        ),
        ("check", ("--data DIR", "--out DIR", "--settings FILE")),
        ("plan", ("--data DIR", "--out DIR", "--settings FILE", "--as-of YYYY-MM-DD", "--level", "--scenario KEY")),
        ("compare", ("--out FILE", "A", "B")),
        ("lab", ("--no-browser",)),
    ],
)
def test_every_option_has_an_example(kit, command, options):
    """An option is shown with its value and one way to write it."""
    said = " ".join(kit(command, "--help").output.split())

    assert [option for option in options if option not in said] == []
    assert said.count("Example:") >= len(options)


@pytest.mark.parametrize(
    "arguments",
    [["nothing"], ["report", "--colour"], ["check", "--as-of", "2024-01-01"], ["diagnose", "--data"]],
    ids=["unknown command", "unknown option", "option of another command", "option without value"],
)
def test_a_wrong_call_ends_with_status_2(kit, arguments):
    """Usage errors count as options that cannot be used."""
    assert kit(*arguments).exit_code == 2


# input that cannot be used


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--data", "nowhere"], "nowhere: there is no such folder"),
        (["--data", "extract", "--as-of", "March"], "as of 'March': expected a date as YYYY-MM-DD"),
        (["--data", "extract", "--as-of", "2024-02-30"], "as of '2024-02-30': expected a date as YYYY-MM-DD"),
        (["--data", "extract", "--as-of", "2001-01-01"], "no cycle on or before this date"),
        (["--data", "extract", "--settings", "nowhere.yaml"], "nowhere.yaml: the settings cannot be read"),
        (["--data", "empty"], "the table items was not found"),
        (["--data", "extract", "--out", "extract"], "extract: the folder holds other files"),
        (["--data", "extract", "--out", "extract/items.csv"], "this is a file"),
    ],
    ids=["no folder", "no date", "no such day", "too early", "no settings", "no items", "data as out", "a file as out"],
)
@pytest.mark.parametrize("command", ["report", "diagnose"])
def test_what_cannot_be_used_is_said_once_and_nothing_is_written(kit, here, command, arguments, said):
    """One message on stderr, status 2, no traceback, no file."""
    (here / "empty").mkdir()
    before = contents(here)

    refused = kit(command, *arguments)

    assert refused.exit_code == 2
    assert said in refused.stderr
    assert "Traceback" not in refused.output
    assert contents(here) == before
    assert sorted(path.name for path in here.iterdir()) in (["empty", "extract"], ["empty", "extract", "runs"])


def test_settings_in_the_data_folder_are_used_and_their_faults_named(kit, here):
    """An unknown key stops the run and says which."""
    (here / "extract" / "settings.yaml").write_text("colour: green\n", encoding="utf-8")

    refused = kit("diagnose", "--data", "extract")

    assert refused.exit_code == 2
    assert "colour: unknown key" in refused.stderr


def test_pdf_without_a_browser_is_refused_before_any_work(kit, here, monkeypatch):
    """One message that says what to install, status 2, nothing written."""
    monkeypatch.setattr("helpers.report.pdf.shutil.which", lambda _: None)
    monkeypatch.setattr("helpers.report.pdf._usual_places", list)

    refused = kit("report", "--data", "extract", "--out", "results", "--pdf")

    assert refused.exit_code == 2
    assert "Install Chromium, Google Chrome or Microsoft Edge" in refused.stderr
    assert not (here / "results").exists()


# what is handed out beside the page


def test_slides_lie_beside_the_page_and_are_named(kit, here, reported):
    """Only where they were asked for."""
    reported()

    plain = kit("report", "--data", "extract", "--out", "plain")
    asked = kit("report", "--data", "extract", "--out", "asked", "--slides")

    assert (plain.exit_code, asked.exit_code) == (0, 0)
    assert not (here / "plain" / "slides.pptx").exists()
    assert (here / "asked" / "slides.pptx").read_bytes().startswith(b"PK")
    assert f"Slides: {Path('asked') / 'slides.pptx'}" in asked.stdout


def test_a_print_that_fails_leaves_the_report_and_says_so(kit, here, reported, monkeypatch):
    """Status 3: the page stands, the failed part is named."""
    reported()
    monkeypatch.setattr("helpers.report.pdf.browser", lambda: str(here / "no-such-browser"))

    said = kit("report", "--data", "extract", "--out", "results", "--pdf")

    assert said.exit_code == 3
    assert "report.pdf: NotPrinted: no-such-browser could not be started" in said.stderr
    assert (here / "results" / "report.html").exists()


# the plan ahead


@pytest.fixture
def realigned(monkeypatch):
    """The small plant in place of the model."""
    monkeypatch.setattr("helpers.scenarios.known.realigned", lambda *_: small())


def test_plan_says_whether_the_plan_can_be_executed_and_names_its_files(kit, here, realigned):
    """One sentence, a table of scenarios, three files."""
    said = kit("plan", "--data", "extract", "--out", "results")

    assert said.exit_code == 0
    assert "The approved plan cannot be executed as it stands. 10 hours are missing at one resource" in said.stdout
    assert re.search(r"capped +Half of the .*86\.8% +– ", said.stdout)
    for name, file in (
        ("Scenarios", "scenarios.json"),
        ("Decisions", "plan.xlsx"),
        ("Draft of the rules", "playbook.yaml"),
    ):
        assert f"{name}: {Path('results') / file}" in said.stdout
    assert not (here / "extract" / "playbook.yaml").exists()


def test_plan_asks_for_what_the_model_lacks(kit, here):
    """One message that names the tables, status 2, no folder left."""
    refused = kit("plan", "--data", "extract", "--out", "results")

    assert refused.exit_code == 2
    assert (
        "no plan can be compared: neither a production plan with hours nor purchases were sent. Ask" in refused.stderr
    )
    assert "production_plan_snapshots" in refused.stderr
    assert contents(here / "results") == {}


def test_plan_refuses_an_unknown_scenario_with_the_known_ones(kit, here, realigned):
    """Status 2, as for every option that cannot be used."""
    refused = kit("plan", "--data", "extract", "--out", "results", "--scenario", "best")

    assert refused.exit_code == 2
    assert "there is no scenario 'best'. Known are as_approved, frozen, capped, doubled." in refused.stderr


@pytest.mark.parametrize("command", ["plan", "report"])
@pytest.mark.parametrize("file", ["scenarios.yaml", "playbook.yaml"])
def test_rules_that_cannot_be_used_are_refused_before_any_work(kit, here, command, file):
    """One message that names file and key, status 2, nothing written."""
    (here / "extract" / file).write_text("colour: red\n", encoding="utf-8")

    refused = kit(command, "--data", "extract", "--out", "results")

    assert refused.exit_code == 2
    assert f"{file}: the {file.removesuffix('.yaml')} cannot be used.\n  colour: unknown key" in refused.stderr
    assert not (here / "results").exists()


def test_a_plan_that_breaks_off_leaves_the_report_and_says_so(kit, here, monkeypatch):
    """Status 3: the page stands and names the part."""
    monkeypatch.setattr("helpers.report.pages.pages", lambda *_: nullcontext(lambda _: lambda: ()))
    monkeypatch.setattr("helpers.report.realignment.realigned", lambda *_: {}["Family Secret"])

    said = kit("report", "--data", "extract", "--out", "results")

    page = (here / "results" / "report.html").read_text(encoding="utf-8")
    assert said.exit_code == 3
    assert "realignment: KeyError" in said.stderr
    assert "scenarios and rules broke off (KeyError" in page
    assert "Secret" not in page + said.stderr + (here / "results" / "run.log").read_text(encoding="utf-8")


# where results go


def test_without_out_every_run_gets_a_folder_of_its_own(kit, here):
    """Client, date and time; a second run in the same second does not reach the first."""
    (here / "extract" / "settings.yaml").write_text("client: Molkerei Süd\n", encoding="utf-8")

    first, second = kit("diagnose", "--data", "extract"), kit("diagnose", "--data", "extract")

    folders = sorted(path.name for path in (here / "runs").iterdir() if path.name != ".kept")
    assert (first.exit_code, second.exit_code, len(folders)) == (0, 0, 2)
    assert all(name.startswith("molkerei-sud-") for name in folders)


def test_diagnose_writes_findings_and_no_page(kit, here, all_signs):
    """`findings.json` is whole and the path is printed as the user would type it."""
    said = kit("diagnose", "--data", "extract", "--out", "results/first")

    findings = json.loads((here / "results/first/findings.json").read_text(encoding="utf-8"))
    assert said.exit_code == 0
    assert findings["schema_version"] == "1"
    assert [sign["sign"] for sign in findings["signs"]] == list(range(1, 11))
    assert findings["verdict"]["message"] in said.stdout
    assert f"Findings: {Path('results/first/findings.json')}" in said.stdout
    assert not list((here / "results/first").rglob("*.html"))


def test_the_same_run_again_is_refreshed_in_place(kit, here):
    """Same data, settings and date: intake is not repeated, the findings come out the same, foreign files stay."""
    kit("diagnose", "--data", "extract", "--out", "results")
    (here / "results" / "notes.txt").write_text("mine", encoding="utf-8")
    before = contents(here / "results")

    again = kit("diagnose", "--data", "extract", "--out", "results")

    assert again.exit_code == 0
    assert "the same input and settings as before" in again.stderr
    assert contents(here / "results") == before


@pytest.mark.parametrize("change", ["data", "as of", "settings"])
def test_another_run_never_writes_over_an_earlier_one(kit, here, change):
    """Other data, date or settings: status 2, and the earlier run stands as it was."""
    kit("diagnose", "--data", "extract", "--out", "results")
    before = contents(here / "results")
    if change == "data":
        extract(here / "extract", demand=11.0)
    if change == "settings":
        (here / "extract" / "settings.yaml").write_text("currency: CHF\n", encoding="utf-8")

    more = ["--as-of", "2024-06-01"] if change == "as of" else []
    refused = kit("diagnose", "--data", "extract", "--out", "results", *more)

    assert refused.exit_code == 2
    assert "Choose another folder with --out." in refused.stderr
    assert contents(here / "results") == before


def test_an_empty_folder_is_empty_again_when_the_input_cannot_be_used(kit, here):
    """The user's own folder is not taken away and holds nothing of a failed run."""
    (here / "results").mkdir()
    (here / "extract" / "items.csv").write_text("item_id\na\n", encoding="utf-8")

    refused = kit("diagnose", "--data", "extract", "--out", "results")

    assert refused.exit_code == 2
    assert list((here / "results").iterdir()) == []


def test_the_identity_of_a_run_follows_everything_it_depends_on(here):
    """Data, settings and as-of date each change it; the place of the folder does not."""
    from helpers.settings import Settings

    plain = runs.identity(here / "extract", Settings(), None)

    assert runs.identity(extract(here / "elsewhere"), Settings(), None) == plain
    assert runs.identity(extract(here / "other", demand=11.0), Settings(), None) != plain
    assert runs.identity(here / "extract", Settings(currency="CHF"), None) != plain
    assert runs.identity(here / "extract", Settings(), "2024-03-01") != plain


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Molkerei Süd & Söhne", "molkerei-sud-sohne"), ("../../etc", "etc"), ("株式会社", "run"), ("A" * 99, "a" * 60)],
)
def test_a_folder_is_named_in_plain_words(name, expected):
    """No client's name leaves the runs folder or breaks a file system."""
    assert runs.slug(name) == expected


# report


def test_a_report_ends_with_the_verdict_and_its_place(kit, here, reported):
    """Status 0, the sentence, the path; findings.json is that of diagnose."""
    reported()

    said = kit("report", "--data", "extract", "--out", "results")
    kit("diagnose", "--data", "extract", "--out", "alone")

    findings = (here / "results/findings.json").read_bytes()
    assert said.exit_code == 0
    assert f"Report: {Path('results/report.html')}" in said.stdout
    assert json.loads(findings)["verdict"]["message"] in said.stdout
    assert (here / "alone/findings.json").read_bytes() == findings


def test_a_part_that_failed_is_named_and_ends_with_status_3(kit, here, reported):
    """The report is there and says which part is not."""
    reported("capacity: cell 3: KeyError")

    said = kit("report", "--data", "extract", "--out", "results")

    assert said.exit_code == 3
    assert (here / "results/report.html").exists()
    assert "A part failed:" in said.stderr
    assert "  capacity: cell 3: KeyError" in said.stderr


def test_a_sign_that_breaks_off_leaves_its_traceback_in_the_folder_and_not_on_the_terminal(kit, here, monkeypatch):
    """Status 3, one line on the terminal, the details in run.log."""
    entry = registry()[0]
    monkeypatch.setattr("helpers.diagnosis.registry", lambda: (replace(entry, gather=_break_off),))

    said = kit("diagnose", "--data", "extract", "--out", "results")

    assert said.exit_code == 3
    assert f"{entry.sign.code} {entry.sign.key}: ZeroDivisionError" in said.stderr
    assert "for the test" not in said.stderr + (here / "results/run.log").read_text(encoding="utf-8")
    assert "Traceback" not in said.stderr
    assert "ZeroDivisionError" in (here / "results/run.log").read_text(encoding="utf-8")


def test_memory_that_runs_out_is_said_with_the_step_and_what_to_do(kit, here, monkeypatch):
    """Status 2: no fault of the kit, and nothing that its place alone would mend."""

    def ends(engagement, progress):
        progress("S01 Late forecast changes")
        raise MemoryError("Unable to allocate 9 GiB for the test")

    monkeypatch.setattr("helpers.diagnosis.diagnose", ends)

    said = kit("diagnose", "--data", "extract", "--out", "results", "--fresh")

    assert said.exit_code == 2
    assert said.stderr.splitlines()[-1].startswith(
        "Stopped at 'S01 Late forecast changes': memory ran out at helpers/commands.py:"
    )
    assert said.stderr.endswith(f". {commands.TOO_SMALL}\n")
    assert "for the test" not in said.stderr


def _break_off(*_):
    raise ZeroDivisionError("for the test")


# check


def test_check_says_what_is_used_set_aside_and_missing(kit, here):
    """Counts by rule with the first example; the extract is left as it is and nothing is calculated."""
    with (here / "extract/actual_demand.csv").open("a", encoding="utf-8") as lines:
        lines.write("2024-09-01,zebra,5\n2024-09-01,zebra2,5\n2024-09-01,a,-1\n")
    before = contents(here / "extract")

    said = kit("check", "--data", "extract")

    assert said.exit_code == 0
    assert "actual_demand         19    16          3" in said.stdout
    assert "actual_demand: 2 × not an item_id of the table items (row set aside)" in said.stdout
    assert "actual_demand.csv line 18, item_id: 'zebra'" in said.stdout
    assert "not sent: " in said.stdout
    assert contents(here / "extract") == before
    assert not list((here / "runs").rglob("findings.json"))


def test_check_speaks_of_a_table_once(kit, here):
    """One line where columns are missing, and one for all that was not sent of a table."""
    (here / "extract/purchase_orders.csv").write_text("item_id,quantity\na,5\n", encoding="utf-8")

    said = kit("check", "--data", "extract").stdout.splitlines()

    whole = [line for line in said if "purchase_orders.csv" in line]
    assert len(whole) == 1
    assert whole[0].startswith("purchase_orders: set aside whole: purchase_orders.csv: the required column")
    waiting = [line.split(": ")[1] for line in said if line.startswith("not sent: ")]
    assert len(waiting) == len(set(waiting)) > 0


def test_check_leaves_its_page_in_a_folder_of_its_own(kit, here):
    """Without `--out` under runs/, named after the kind of run; the place is printed."""
    said = kit("check", "--data", "extract")

    (page,) = (here / "runs").glob("extract-check-*/data_quality.html")
    assert f"For the client: {page.relative_to(here)}" in said.stdout


def test_check_keeps_every_fault_where_it_is_told_to(kit, here):
    """`--out` holds rejects/ with a line a fault."""
    with (here / "extract/actual_demand.csv").open("a", encoding="utf-8") as lines:
        lines.write("2024-09-01,zebra,5\n")

    said = kit("check", "--data", "extract", "--out", "checked")

    with (here / "checked/rejects/actual_demand.csv").open(encoding="utf-8", newline="") as faults:
        assert [fault["value"] for fault in csv.DictReader(faults)] == ["zebra"]
    assert f"Every fault: {Path('checked/rejects')}" in said.stdout


def test_a_value_of_the_client_reaches_the_terminal_as_text(kit, here):
    """Escape sequences and markup in a cell are shown, not obeyed."""
    with (here / "extract/actual_demand.csv").open("a", encoding="utf-8") as lines:
        lines.write("2024-09-01,\x1b[31m[bold]red,5\n")

    said = kit("check", "--data", "extract")

    assert "[31m[bold]red" in said.stdout
    assert "\x1b" not in said.stdout


def test_a_misspelt_file_is_named_with_the_table_it_may_be(kit, here):
    """`orderlines.csv` is not read, and the user is told."""
    (here / "extract/orderlines.csv").write_text("order_id\n1\n", encoding="utf-8")

    assert "not read: orderlines.csv; did you mean order_lines?" in kit("check", "--data", "extract").stdout


def test_what_is_wanted_and_was_sent_is_not_called_not_sent(kit, here, all_signs):
    """A column under a misspelt name, and a table that was set aside whole, are said to be just that."""
    stock, orders = here / "extract/inventory_snapshots.csv", here / "extract/purchase_orders.csv"
    stock.write_text("period,item_id,on_hand,safty_stock\n2024-01-01,a,5,1\n", encoding="utf-8")
    orders.write_text("item_id\na\n", encoding="utf-8")

    said = kit("check", "--data", "extract").stdout.splitlines()

    assert "inventory_snapshots: not used: safty_stock (did you mean safety_stock?)" in said
    (misspelt,) = (line for line in said if line.startswith("not sent, unless 'safty_stock' is meant: "))
    assert misspelt.split(": ")[1:] == ["inventory_snapshots", "safety_stock measures S08 better"]
    (whole,) = (line for line in said if line.startswith("set aside whole: "))
    assert whole.startswith("set aside whole: purchase_orders: ")


# where results go, and how a run ends


@pytest.mark.parametrize(
    ("place", "why"),
    [("extract/items.csv/sub", "extract/items.csv is a file"), ("/proc/x/y", "no folder can be made there")],
)
def test_a_place_in_which_no_folder_can_be_is_refused_with_what_to_do(kit, here, place, why):
    """Below a file, or among the system's own."""
    refused = kit("diagnose", "--data", "extract", "--out", place)

    assert refused.exit_code == 2
    assert refused.stderr.splitlines()[-1] == f"{place}: {why}. Choose another folder with --out."


def test_diagnose_names_the_folder_of_what_was_set_aside(kit, here):
    """Only where something was."""
    clean = kit("diagnose", "--data", "extract", "--out", "clean").stdout
    with (here / "extract/actual_demand.csv").open("a", encoding="utf-8") as lines:
        lines.write("2024-09-01,zebra,5\n")

    said = kit("diagnose", "--data", "extract", "--out", "broken").stdout

    assert "Set aside" not in clean
    assert f"Set aside, line by line: {Path('broken/rejects')}" in said


def test_a_run_that_is_told_to_end_says_that_it_stopped(monkeypatch, capsys):
    """Like Ctrl-C: the word, and a status of its own."""

    def ends(**_):
        raise SystemExit(commands.TERMINATED)

    monkeypatch.setattr(commands, "app", ends)
    monkeypatch.setattr(commands.signal, "signal", lambda *_: None)
    monkeypatch.setattr(commands.os, "umask", lambda _: None)

    with pytest.raises(SystemExit):
        commands.run()

    assert capsys.readouterr().err == "Stopped.\n"


# lab and test


@pytest.fixture
def started(monkeypatch):
    """The modules that would be started, with their arguments; `statuses` are what they end with, in order."""
    calls: list[tuple[str, ...]] = []
    statuses: list[int] = []

    def start(*arguments: str) -> int:
        calls.append(arguments)
        return statuses.pop(0) if statuses else 0

    monkeypatch.setattr(commands, "_python", start)
    return calls, statuses


@pytest.mark.parametrize("options", [[], ["--no-browser"]])
@pytest.mark.parametrize(("is_root", "more"), [(False, []), (True, ["--allow-root"])])
def test_lab_opens_the_notebooks(kit, started, monkeypatch, options, is_root, more):
    """JupyterLab of this environment, on `notebooks/`; for root it has to be told that it may start."""
    monkeypatch.setattr(commands, "_is_root", lambda: is_root)

    assert kit("lab", *options).exit_code == 0
    assert started[0] == [("jupyterlab", "notebooks", *commands.QUIET_LAB, *options, *more)]


def test_test_runs_the_suite_and_the_notebooks(kit, started):
    """Pytest with the user's further arguments, then nbval, a notebook at a time: no two kernels start at once."""
    assert kit("test", "tests/signs", "-x").exit_code == 0

    suite, notebooks = started[0]
    assert suite[0] == notebooks[0] == "pytest"
    assert suite[-2:] == ("tests/signs", "-x")
    assert {"--nbval-lax", "notebooks"} < set(notebooks)
    assert "-n" in suite
    assert "-n" not in notebooks


@pytest.mark.parametrize("ends", [(1, 0), (0, 1), (1, 1)], ids=["suite", "notebooks", "both"])
def test_test_fails_when_either_fails(kit, started, ends):
    """Both always run; one failure is enough."""
    started[1].extend(ends)

    assert kit("test").exit_code == 1
    assert len(started[0]) == 2
