"""The data request: a blank workbook that intake reads back, a matrix that follows the signs, a guide that asks all."""

from __future__ import annotations

import csv
import gzip
import re
import zipfile
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from xml.etree import ElementTree

import pytest
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner

from helpers.commands import app
from helpers.contract import TABLES, Column
from helpers.evidence import LEVELS
from helpers.intake import take_in
from helpers.request.letters import WORKBOOK, start_here
from helpers.request.meanings import MEANINGS, SERVES, meaning
from helpers.request.pack import GUIDE, NOTE, write_request
from helpers.request.sheets import allowed, demanded, validation
from helpers.request.unlocks import matrix, unlocks
from helpers.settings import Settings
from helpers.signs import registry
from tests.intake.folders import Taken

SAMPLES = Path(__file__).resolve().parents[1] / "sample_data"
SIGNS = [entry.sign for entry in registry()]
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
EVERY_TABLE = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)


@pytest.fixture(scope="module")
def pack(tmp_path_factory) -> Path:
    """The folder of one pack; tests read it and change nothing."""
    folder = tmp_path_factory.mktemp("request") / "pack"
    write_request(folder, SAMPLES)
    return folder


@pytest.fixture(scope="module")
def sheets(pack) -> dict[str, list[list[object]]]:
    """The rows of every sheet of the workbook."""
    with CalamineWorkbook.from_path(pack / WORKBOOK) as book:
        return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def sample(table: str, most: int) -> list[dict[str, str]]:
    """The first rows of a table of the sample company."""
    packed = SAMPLES / f"{table}.csv.gz"
    if not packed.exists():
        return list(csv.DictReader((SAMPLES / f"{table}.csv").read_text(encoding="utf-8").splitlines()))[:most]
    with gzip.open(packed, "rt", encoding="utf-8") as lines:
        return list(islice(csv.DictReader(lines), most))


def fill(blank: Path, filled: Path, rows: dict[str, list[dict[str, str]]]) -> None:
    """What a client does in Excel: values typed below the header, each in the format its column has."""
    with CalamineWorkbook.from_path(blank) as book:
        places = {f"xl/worksheets/sheet{place}.xml": name for place, name in enumerate(book.sheet_names, 1)}
    columns = {table.name: table.columns for table in TABLES}
    with zipfile.ZipFile(blank) as old, zipfile.ZipFile(filled, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            name, content = places.get(part, ""), old.read(part)
            new.writestr(part, _typed_in(content, columns[name], rows[name]) if name in rows else content)


def _typed_in(sheet: bytes, columns: tuple[Column, ...], rows: list[dict[str, str]]) -> bytes:
    root = ElementTree.fromstring(sheet)
    styles = [col.get("style", "0") for col in root.iter(f"{{{MAIN}}}col") for _ in range(*_span(col))]
    below = root.find(f"{{{MAIN}}}sheetData")
    for number, values in enumerate(rows, 2):
        row = ElementTree.SubElement(below, f"{{{MAIN}}}row", r=str(number))
        for place, column in enumerate(columns):
            if values.get(column.name):
                cell = ElementTree.SubElement(row, f"{{{MAIN}}}c", r=f"{chr(65 + place)}{number}", s=styles[place])
                _put(cell, column, values[column.name])
    return ElementTree.tostring(root)


def _span(col: ElementTree.Element) -> tuple[int, int]:
    return int(col.get("min", "1")), int(col.get("max", "1")) + 1


def _put(cell: ElementTree.Element, column: Column, value: str) -> None:
    if column.type in ("text", "flag"):
        cell.set("t", "inlineStr")
        shown = {"true": "yes", "false": "no"}.get(value, value) if column.type == "flag" else value
        ElementTree.SubElement(ElementTree.SubElement(cell, f"{{{MAIN}}}is"), f"{{{MAIN}}}t").text = shown
    else:
        is_date = column.type in ("date", "bucket")
        number = (date.fromisoformat(value) - date(1899, 12, 30)).days if is_date else value
        ElementTree.SubElement(cell, f"{{{MAIN}}}v").text = str(number)


def returned(pack: Path, tmp_path: Path, rows: dict[str, list[dict[str, str]]]) -> tuple[Taken, list[str]]:
    """The filled workbook as intake takes it, and what intake said."""
    said: list[str] = []
    (tmp_path / "data").mkdir()
    fill(pack / WORKBOOK, tmp_path / "data" / WORKBOOK, rows)
    store, rejects = tmp_path / "store", tmp_path / "rejects"
    return Taken(take_in(tmp_path / "data", store, rejects, Settings(), said.append), store, rejects), said


# the blank comes back


def test_the_filled_workbook_is_read_without_a_complaint(pack, tmp_path):
    """Every table filled with rows of the sample: all used, none set aside, no cell emptied, no problem."""
    rows = {table.name: sample(table.name, 500 if table.name == "items" else 4) for table in TABLES}

    taken, _ = returned(pack, tmp_path, rows)

    assert {entry.table: entry.problem for entry in taken.manifest.tables if entry.problem} == {}
    assert {entry.table: taken.counts(entry.table) for entry in taken.manifest.tables} == {
        name: (len(own), len(own), 0, 0) for name, own in rows.items()
    }


def test_what_was_filled_in_is_what_is_stored(pack, tmp_path):
    """Leading zeros stay, a date is that day, a number that number, yes is true."""
    rows = {"items": sample("items", 500), "order_lines": sample("order_lines", 3)}

    taken, _ = returned(pack, tmp_path, rows)

    assert taken.column("order_lines", "item_id") == [row["item_id"] for row in rows["order_lines"]]
    assert [str(day)[:10] for day in taken.column("order_lines", "ordered_on")] == [
        row["ordered_on"] for row in rows["order_lines"]
    ]
    assert taken.column("order_lines", "unit_price") == [float(row["unit_price"]) for row in rows["order_lines"]]
    assert taken.column("items", "is_critical") == [row["is_critical"] == "true" for row in rows["items"]]


def test_items_and_one_fact_table_are_enough(pack, tmp_path):
    """The sheets left blank count as not sent; nothing of the explaining sheets is taken for data."""
    rows = {"items": sample("items", 500), "actual_demand": sample("actual_demand", 4)}

    taken, said = returned(pack, tmp_path, rows)
    blank = [line.partition(":")[0] for line in said if line.endswith("counted as not sent")]

    assert [entry.table for entry in taken.manifest.tables] == ["items", "actual_demand"]
    assert set(blank) == {table.name for table in TABLES} - set(rows)


@EVERY_TABLE
def test_a_blank_sheet_holds_the_names_of_the_contract_and_nothing_else(sheets, table):
    """Row 1 as the contract names the columns, in its order; the example is elsewhere."""
    assert sheets[table.name] == [[column.name for column in table.columns]]


# what is said of tables and columns


def test_the_first_sheet_says_where_to_start(sheets):
    """What is needed, the forms that are asked for, and that nothing is sent anywhere."""
    told = {row[0]: row[1] for row in sheets["Start here"][2:]}

    assert tuple(told.items()) == start_here()
    assert {"Needed to start", "How", "Units", "Dates", "Numbers", "Confidentiality"} <= set(told)
    assert [table.name for table in TABLES if table.is_fact and table.name not in told["Needed to start"]] == []
    assert "sends nothing anywhere" in told["Confidentiality"]


def test_a_placeholder_that_is_not_used_is_asked_to_stay_empty(monkeypatch):
    """The bounds are those that the intake holds rows against."""
    monkeypatch.setattr("helpers.request.letters.LAST_YEAR", 2077)
    monkeypatch.setattr("helpers.request.letters.LARGEST", 5e9)
    told = dict(start_here())

    assert "leave the cell empty: dates before 1950 or after 2077, such as 9999-12-31, are not used." in told["Dates"]
    assert "what is above 5,000,000,000 is not used." in told["Numbers"]


@EVERY_TABLE
def test_every_column_has_a_line_with_its_meaning(sheets, table):
    """Required or not, unit, allowed values and meaning, from the contract."""
    lines = [[str(cell) for cell in row] for row in sheets["Columns"] if row[0] == table.name]

    assert [(line[1], line[2], line[4], line[5], line[6]) for line in lines] == [
        (c.name, demanded(c), c.unit, allowed(c), meaning(table, c)) for c in table.columns
    ]


def test_no_meaning_is_left_over():
    """A column that was renamed leaves no words behind."""
    used = {name for t in TABLES for c in t.columns for name in (f"{t.name}.{c.name}", c.name) if name in MEANINGS}

    assert set(MEANINGS) - used == set()


def test_coded_columns_have_a_list_to_choose_from(pack):
    """As many validations in the workbook as the contract has codes, flags and ranges of whole numbers."""
    rules = [validation(column) for table in TABLES for column in table.columns]
    with zipfile.ZipFile(pack / WORKBOOK) as parts:
        text = "".join(parts.read(name).decode() for name in parts.namelist() if "worksheets/sheet" in name)

    assert all(len(",".join(rule["source"])) <= 255 for rule in rules if "source" in rule)
    assert text.count("<dataValidation ") == sum(map(bool, rules)) > 0
    assert '"statistical,sales,operations,consensus"' in text.replace("&quot;", '"')


@EVERY_TABLE
def test_the_example_is_a_row_of_the_sample(sheets, table):
    """Name, header and one row a block, in the types a client would use."""
    block = [row for row in sheets["Examples"] if any(cell != "" for cell in row)]
    at = next(place for place, row in enumerate(block) if row[0] == table.name and row[1] == "")
    names = [cell for cell in block[at + 1] if cell != ""]

    assert names == [column.name for column in table.columns]
    assert all(block[at + 2][names.index(name)] != "" for name in table.required)


def test_only_what_is_needed_to_start_is_said_to_be_needed(sheets):
    """`items`, and any one table of facts."""
    told = {row[0]: row[1] for row in sheets["What each table unlocks"]}

    assert [name for name, word in told.items() if word == "needed"] == ["items"]
    assert {name for name, word in told.items() if word == "one of these is needed"} == {
        table.name for table in TABLES if table.is_fact
    }


# the matrix follows the signs


def test_the_sheet_holds_the_matrix(sheets):
    """A row a table, a column a sign."""
    rows = sheets["What each table unlocks"]

    assert rows[0][2:-1] == [f"{sign.number} {sign.title}" for sign in SIGNS]
    assert {row[0]: tuple(row[2:-1]) for row in rows[1 : len(TABLES) + 1]} == matrix(SIGNS)


@pytest.mark.parametrize("sign", SIGNS, ids=lambda sign: sign.key)
def test_the_matrix_agrees_with_the_paths_of_the_sign(sign):
    """The word is the lowest level whose paths name the table, found here from the needs as written."""
    for table in TABLES:
        named = {p.level for p in sign.paths if re.search(rf"(^|[ |]){table.name}(\.|[ |]|$)", "|".join(p.needs))}
        lowest = max(named, key=LEVELS.index, default=None)
        expected = {None: "–", "minimum": "minimum path"}.get(lowest, lowest)

        assert unlocks(sign, table.name).removesuffix(" *") == expected, table.name


def test_a_table_that_another_can_stand_in_for_is_starred():
    """Sign 1 needs the forecasts, and demand from either of two tables."""
    first = SIGNS[0]

    assert unlocks(first, "actual_demand") == "reduced *"
    assert unlocks(first, "forecast_snapshots") == "minimum path"
    assert unlocks(first, "suppliers") == "–"


def test_a_table_that_no_sign_asks_for_says_what_it_serves():
    """Ten dashes alone would tell the client not to send it."""
    unasked = {name for name, cells in matrix(SIGNS).items() if set(cells) == {"–"}}

    assert unasked == set(SERVES)


def test_every_path_is_listed_with_its_columns(sheets):
    """What a sign needs can be looked up to the column."""
    rows = sheets["What each sign needs"][1:]
    listed = [(path.level, re.split(r"; | or ", str(row[2]))) for row, (_, path) in zip(rows, _paths(), strict=True)]

    assert listed == [(p.level, [o.strip() for need in p.needs for o in need.split("|")]) for _, p in _paths()]


def _paths() -> Iterator[tuple[object, object]]:
    return ((sign, path) for sign in SIGNS for path in sign.paths)


# safe to open, never written over


def test_no_cell_is_a_formula_or_looks_like_one(pack, sheets):
    """Neither a stored formula nor a text that becomes one when the sheet is saved as CSV; no link, no macro."""
    with zipfile.ZipFile(pack / WORKBOOK) as parts:
        stored = {name: parts.read(name).decode() for name in parts.namelist() if name.endswith(".xml")}
    texts = [cell for rows in sheets.values() for row in rows for cell in row if isinstance(cell, str)]

    assert [name for name, text in stored.items() if re.search(r"<f[ >]|<hyperlink", text)] == []
    assert [text for text in texts if text.startswith(("=", "+", "-", "@", "\t", "\r"))] == []


def test_a_text_of_the_sample_never_becomes_a_formula(tmp_path):
    """Whoever puts rows of their own into the examples gets them back as text."""
    (tmp_path / "items.csv").write_text("item_id,family\n=1+1,@SUM(A1)\n", encoding="utf-8")
    write_request(tmp_path / "pack", tmp_path)

    with zipfile.ZipFile(tmp_path / "pack" / WORKBOOK) as parts:
        text = "".join(parts.read(name).decode() for name in parts.namelist() if "worksheets/sheet" in name)
    with CalamineWorkbook.from_path(tmp_path / "pack" / WORKBOOK) as book:
        cells = [cell for row in book.get_sheet_by_name("Examples").to_python() for cell in row]

    assert not re.search(r"<f[ >]", text)
    assert {"=1+1", "@SUM(A1)"} <= set(cells)


def test_a_second_run_refuses_and_leaves_the_first(tmp_path):
    """Status 2, one message that names what is there, and every file as it was."""
    ask = ("request", "--out", str(tmp_path / "pack"))
    first = CliRunner().invoke(app, ask)
    before = {path.name: path.read_bytes() for path in (tmp_path / "pack").iterdir()}

    again = CliRunner().invoke(app, ask)

    assert first.exit_code == 0
    assert set(before) == {WORKBOOK, NOTE, GUIDE}
    assert again.exit_code == 2
    assert f"{WORKBOOK}, {NOTE}, {GUIDE} already there; nothing was written." in again.stderr
    assert {path.name: path.read_bytes() for path in (tmp_path / "pack").iterdir()} == before


def test_one_file_that_is_there_is_enough_to_refuse(tmp_path):
    """An edited cover note is not lost, and no half of a pack appears beside it."""
    (tmp_path / NOTE).write_text("mine", encoding="utf-8")

    refused = CliRunner().invoke(app, ["request", "--out", str(tmp_path)])

    assert refused.exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == [NOTE]
    assert (tmp_path / NOTE).read_text(encoding="utf-8") == "mine"


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path):
    """Status 2 and what to do."""
    (tmp_path / "pack").write_text("", encoding="utf-8")

    refused = CliRunner().invoke(app, ["request", "--out", str(tmp_path / "pack")])

    assert refused.exit_code == 2
    assert "this is a file. Choose a folder with --out." in refused.stderr


# the two texts


@pytest.mark.parametrize("sign", SIGNS, ids=lambda sign: sign.key)
def test_the_guide_asks_every_question_of_the_sign(pack, sign):
    """Its questions and the statement that is scored, under its number."""
    guide = (pack / GUIDE).read_text(encoding="utf-8")
    own = guide.partition(f"\n## {sign.number} {sign.title}\n")[2].partition("\n## ")[0]

    assert [question for question in sign.questions if f"- {question}\n" not in own] == []
    assert f"*{sign.board}*" in own


def test_the_guide_says_how_an_answer_becomes_a_row(pack):
    """The columns of interview_answers, and each score in words."""
    guide = (pack / GUIDE).read_text(encoding="utf-8")
    answers = next(table for table in TABLES if table.name == "interview_answers")

    assert [column.name for column in answers.columns if f"- `{column.name}`: " not in guide] == []
    assert re.findall(r"^\| (\d) \| (\w+) \|$", guide, re.MULTILINE) == [
        ("1", "never"),
        ("2", "seldom"),
        ("3", "sometimes"),
        ("4", "often"),
        ("5", "always"),
    ]


def test_the_cover_note_leaves_what_only_the_sender_knows(pack):
    """A date, a contact and the agreement in brackets; the rest is said."""
    note = (pack / NOTE).read_text(encoding="utf-8")

    assert {"[date]", "[name, e-mail, telephone]"} <= set(re.findall(r"\[[^\]]+\]", note))
    assert WORKBOOK in note
    assert "The kit sends nothing anywhere" in note
    assert "{{" not in note
