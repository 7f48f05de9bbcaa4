"""The workbook behind the page: a sheet a sign, the same numbers, charts of its own, and text that stays text."""

from __future__ import annotations

import re
import zipfile
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from helpers.costing import Views
from helpers.diagnosis import Diagnosis
from helpers.evidence import Chart, ChartKind, Finding
from helpers.report import write
from helpers.report.pages import Page
from helpers.report.stitch import Chapter
from helpers.report.workbook import EVIDENCE, block, evidence_workbook, sheet_names
from helpers.report.workbook.pictures import KINDS
from helpers.report.write import page_html
from tests.report import fakes

HOSTILE = ('=HYPERLINK("http://x","y")', "+1", "-1", "@x", "=1+1", "{=1+1}", "http://x.example")
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATIONS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


def flags(unit: str = "Bread") -> pd.DataFrame:
    """Three judged rows; the second could not be measured."""
    return pd.DataFrame(
        {"label": fakes.CYCLES[:3], "unit": unit, "value": [0.02, None, 0.12], "breach": [False, False, True]}
    )


def contributions(value: str = "Bread") -> pd.DataFrame:
    """What one family adds in three cycles, nothing in the first."""
    return pd.DataFrame({"label": fakes.CYCLES[:3], "dimension": "family", "value": value, "amount": [0.0, 5.0, 7.0]})


def found(number: int = 1, unit: str = "Bread", **changes: object) -> Finding:
    """A recurring sign with rows behind it."""
    asked = {"flags": flags(unit), "contributions": contributions(unit), **changes}
    drivers = fakes.verdict(drivers=(("family", unit, 1.0),))
    return fakes.finding(number, evidence=fakes.evidence(**asked), verdict=drivers)


def of(*signs: Finding, **changes: object) -> Diagnosis:
    """A diagnosis of these signs alone."""
    made = fakes.diagnosis(signs)
    for name, value in changes.items():
        object.__setattr__(made, name, value)
    return made


def rows(content: bytes, sheet: str) -> list[list[object]]:
    """All cells of a sheet."""
    with CalamineWorkbook.from_filelike(BytesIO(content)) as book:
        return book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)


def table(content: bytes, sheet: str, title: str) -> list[dict[object, object]]:
    """The rows of the block below `title`, by heading."""
    cells = rows(content, sheet)
    top = next(line for line, row in enumerate(cells) if row[0] == title)
    head = next(line for line in range(top + 1, len(cells)) if cells[line][1] != "")
    end = next((line for line in range(head, len(cells)) if not any(cell != "" for cell in cells[line])), len(cells))
    names = [name for name in cells[head] if name != ""]
    return [dict(zip(names, row, strict=False)) for row in cells[head + 1 : end]]


def parts(content: bytes) -> dict[str, str]:
    """Every part of the file as text."""
    with zipfile.ZipFile(BytesIO(content)) as book:
        return {name: book.read(name).decode() for name in book.namelist()}


def charts_of(content: bytes) -> dict[str, int]:
    """How many native charts stand on each sheet."""
    held = parts(content)
    sheets = ElementTree.fromstring(held["xl/workbook.xml"]).iter(f"{MAIN}sheet")
    counts = {}
    for place, sheet in enumerate(sheets, 1):
        drawing = re.search(r"drawings/(drawing\d+)", held.get(f"xl/worksheets/_rels/sheet{place}.xml.rels", ""))
        relations = held.get(f"xl/drawings/_rels/{drawing[1]}.xml.rels", "") if drawing else ""
        counts[sheet.get("name", "")] = relations.count("/charts/chart")
    return counts


@pytest.fixture(scope="module")
def book() -> bytes:
    """The workbook of the ten made-up signs."""
    return evidence_workbook(fakes.diagnosis())


# what is in it


def test_every_sign_has_its_sheet(book):
    """Ten sheets named after the signs, between the first and the ones to look things up in."""
    with CalamineWorkbook.from_filelike(BytesIO(book)) as opened:
        names = opened.sheet_names

    assert names[:3] == ["Read me", "Scorecard", "Calendar"]
    assert names[3:13] == [f"S{number:02d} Sign {number}" for number in range(1, 11)]
    assert names[13:] == ["Ledger", "Watchlists", "Limits", "Definitions"]


def test_the_metrics_are_those_of_the_finding(book):
    """Every value by cycle, as a number, at its date."""
    said = table(book, "S01 Sign 1", "Metrics by cycle")
    values = fakes.evidence().metrics[0].values

    assert [row["Cycle"] for row in said] == [cycle.date() for cycle in values.index]
    assert [row["Late share"] for row in said] == pytest.approx(list(values))
    assert (said[0]["Amber"], said[0]["Red"]) == (0.05, 0.10)


def test_the_verdict_stands_cycle_by_cycle(book):
    """The status of every cycle in words."""
    said = table(book, "S01 Sign 1", "Verdict by cycle")

    assert [row["Status"] for row in said] == ["absent"] * 12 + ["recurring"] * 6


def test_the_rows_behind_the_verdict_are_there():
    """What was judged, who carries it, what each cycle adds; rows that add nothing are left out."""
    made = evidence_workbook(of(found()))

    assert [row["Breach"] for row in table(made, "S01 Sign 1", "Rows behind the verdict")] == ["no", "no", "yes"]
    assert table(made, "S01 Sign 1", "Who carries it") == [{"Dimension": "family", "Value": "Bread", "Share": 1.0}]
    assert [row["Amount"] for row in table(made, "S01 Sign 1", "Contributions by cycle")] == [5.0, 7.0]


def test_what_is_missing_is_an_empty_cell():
    """Never 0, never the text nan."""
    said = table(evidence_workbook(of(found())), "S01 Sign 1", "Rows behind the verdict")

    assert [row["Value"] for row in said] == [0.02, "", 0.12]


def test_every_assessable_sign_has_a_native_chart(book):
    """The one sign without its data has none."""
    counts = charts_of(book)

    assert all(counts[f"S{number:02d} Sign {number}"] >= 1 for number in range(1, 10))
    assert counts["S10 Sign 10"] == 0


def test_excel_knows_every_kind_of_picture():
    """A heat map is its coloured table, every other kind has a native chart."""
    assert {*KINDS, "heatmap"} == set(get_args(ChartKind))


def test_a_waterfall_keeps_the_order_of_its_steps():
    """What was added and cut at each step, a row a step, from the first forecast to what came."""
    steps = pd.DataFrame(
        {
            "step": ["first", "lag 1", "lag 1", "actual"],
            "move": ["level", "raised", "cut", "level"],
            "share": [1.0, 0.2, 0.1, 1.05],
        }
    )
    asked = Chart("waterfall", "From the first forecast", steps, "step", "share", "move", unit="share")
    content = evidence_workbook(of(found(charts=(asked,))))

    drawn = table(content, "S01 Sign 1", "From the first forecast")
    assert [row["Step"] for row in drawn] == ["first", "lag 1", "actual"]
    assert drawn[1]["raised"] == 0.2


@pytest.mark.parametrize("kind", ["trend", "stack", "bars", "scatter"])
def test_what_a_sign_draws_excel_draws_too(kind):
    """Headline, drivers, and the sign's own picture."""
    measured = fakes.chart().rows.assign(share=0.5, load=range(len(fakes.CYCLES)))
    drawn = fakes.chart(kind, None if kind == "bars" else "family", x="load" if kind == "scatter" else "cycle")

    made = evidence_workbook(of(found(charts=(fakes.chart(kind, drawn.series, x=drawn.x, rows=measured),))))

    assert charts_of(made)["S01 Sign 1"] == 3


def test_a_heat_map_is_a_table_coloured_by_its_limit():
    """Excel has no heat map: the cells turn amber and red, empty ones never."""
    made = parts(evidence_workbook(of(found(charts=(fakes.chart("heatmap", "family"),)))))
    sheet = made["xl/worksheets/sheet4.xml"]

    assert sheet.count('operator="greaterThanOrEqual"') >= 4
    assert sheet.index('type="containsBlanks"') < sheet.index('operator="greaterThanOrEqual"')


def test_a_sign_without_its_data_says_why_and_what_to_ask_for(book):
    """The reason and the table."""
    said = {row[0]: row[1] for row in rows(book, "S10 Sign 10")}

    assert said["What we see"] == "Not assessable: the data it needs were not sent."
    assert said["Ask the client for"] == "function_plans"


def test_the_scorecard_leads_to_every_sheet(book):
    """The first column holds links inside the workbook and nothing that leaves it."""
    sheet = ElementTree.fromstring(parts(book)["xl/worksheets/sheet2.xml"])
    targets = [link.get("location") for link in sheet.iter(f"{MAIN}hyperlink")]

    assert targets == [f"'{name}'!A1" for name in sheet_names(fakes.findings()).values()]
    assert [link for link in sheet.iter(f"{MAIN}hyperlink") if link.get(f"{RELATIONS}id")] == []


def test_both_views_of_the_ledger_add_up_to_the_total_of_the_diagnosis():
    """The last row of each view, and the rows behind them."""
    amounts = pd.DataFrame({"label": fakes.CYCLES[:2], "kind": "overtime", "sign": [6, 7], "root": ["1", "exogenous"]})
    views = Views(
        pd.Series({6: 1000.0, 7: 200.0}),
        pd.Series({"1": 1000.0, "exogenous": 200.0}),
        "It agrees.",
        rows=amounts.assign(by="family", amount=[1000.0, 200.0]),
    )

    made = evidence_workbook(of(*fakes.findings(), money=views))
    both = [table(made, "Ledger", f"By {view}, EUR") for view in ("the sign that spends it", "where it begins")]

    assert [view[-1] for view in both] == [{"Sign": "Total", "Amount": views.total}] * 2
    assert both[1][1]["Sign"] == "From outside"
    assert sum(row["Amount"] for row in table(made, "Ledger", "Rows of the ledger")) == views.total


def test_a_withheld_ledger_shows_no_money():
    """The reconciliation says why, and no view stands below it."""
    views = Views(pd.Series({6: 1000.0}), pd.Series({"1": 1000.0}), "More than 1 % apart.", withheld=True)

    cells = rows(evidence_workbook(of(*fakes.findings(), money=views)), "Ledger")

    assert ["Reconciliation", "More than 1 % apart."] in [row[:2] for row in cells]
    assert not any(1000.0 in row for row in cells)


def test_a_long_block_is_cut_and_says_so(monkeypatch):
    """The first rows of so many."""
    monkeypatch.setattr(block, "MOST_ROWS", 2)

    made = evidence_workbook(of(found()))

    assert len(table(made, "S01 Sign 1", "Rows behind the verdict")) == 2
    assert "The first 2 of 3 rows." in [row[0] for row in rows(made, "S01 Sign 1")]


# text that stays text


@pytest.mark.parametrize("sign", ["\x0b", "\x01", "\ufffe", "\x1b"], ids=ascii)
def test_every_part_can_be_read_whatever_a_name_holds(sign):
    """Control characters, in cells, headings, and titles and descriptions of charts: no reader would open the file."""
    name = f"Bread{sign}4"
    rows = fakes.chart().rows.assign(family=name)
    drawn = tuple(
        fakes.chart(kind, "family", rows=rows, title=name, x=x) for kind, x in (("stack", "cycle"), ("bars", "family"))
    )
    made = evidence_workbook(of(found(unit=name, charts=drawn), settings=fakes.Settings(client=name)))
    read = [
        ElementTree.fromstring(content) for part, content in parts(made).items() if part.endswith((".xml", ".rels"))
    ]

    assert len([part for part in read if part.tag.endswith("chartSpace")]) == 3
    assert {row["Unit"] for row in table(made, "S01 Sign 1", "Rows behind the verdict")} <= {"Bread4", "Bread 4"}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_clients_text_never_becomes_a_formula(name):
    """As a cell, as a heading of a table, as a place, as the client's name: text, whatever it begins with."""
    series = fakes.chart("stack", "family", rows=fakes.chart().rows.assign(family=name))
    made = evidence_workbook(of(found(unit=name, charts=(series,)), settings=fakes.Settings(client=name)))
    held = parts(made)

    assert {row["Unit"] for row in table(made, "S01 Sign 1", "Rows behind the verdict")} == {name}
    assert name in table(made, "S01 Sign 1", "Late changes")[0]
    assert [part for part, text in held.items() if "<f>" in text and part.startswith("xl/worksheets")] == []
    assert not any("calculatedColumnFormula" in text or 'TargetMode="External"' in text for text in held.values())


def test_headings_that_excel_would_take_for_the_same_are_told_apart():
    """Case, line breaks and emptiness do not count for Excel."""
    assert block.unique_heads(["Milk", "milk", "a\nb", "", " "]) == ["Milk", "milk (2)", "a b", "–", "– (2)"]


# the file


def test_the_same_diagnosis_gives_the_same_bytes(book):
    """Nothing of the hour or the machine is in it: it is dated by the as-of date and has no author."""
    core = parts(book)["docProps/core.xml"]

    assert evidence_workbook(fakes.diagnosis()) == book
    assert f"{date(2025, 6, 1)}T00:00:00Z" in core
    assert "<dc:creator></dc:creator>" in core


def test_the_page_links_to_the_sheet_of_a_sign(tmp_path):
    """Beside the sign and in the method, with a relative link."""
    chapters = [write.stitch.Chapter("demand", "?", sections=[write.stitch.Section("?", key="sign_1", has_code=True)])]
    chapters[0].sections[0].fragments.append(write.Markup("<p>card</p>"))
    sheets = sheet_names(fakes.findings())

    page = page_html(fakes.engagement(), fakes.diagnosis(), chapters, tmp_path, tmp_path, (), sheets)

    assert '<a href="evidence.xlsx">evidence.xlsx</a>, sheet S01 Sign 1' in page
    assert page.count('href="evidence.xlsx"') == 2
    assert "evidence.xlsx" not in page_html(fakes.engagement(), fakes.diagnosis(), chapters, tmp_path, tmp_path)


def test_the_workbook_is_written_when_a_notebook_failed(tmp_path):
    """It rests on the findings, not on the notebooks."""
    failed = [Page("demand", "{}", Chapter("demand", "Demand", failure="cell 3: ValueError: x"))]

    result = write.write_report(fakes.engagement(), fakes.diagnosis(), failed, tmp_path, tmp_path)

    assert result.failures == ("demand: cell 3: ValueError: x",)
    assert (tmp_path / EVIDENCE).read_bytes() == evidence_workbook(fakes.diagnosis())


def test_a_workbook_that_breaks_off_is_a_failed_part_of_the_report(tmp_path: Path, monkeypatch):
    """The page is written without a link to it, and says what failed."""
    monkeypatch.setattr(write, "evidence_workbook", lambda _: 1 / 0)

    result = write.write_report(fakes.engagement(), fakes.diagnosis(), [], tmp_path, tmp_path)

    assert [failure.partition(" at ")[0] for failure in result.failures] == ["evidence.xlsx: ZeroDivisionError"]
    assert 'href="evidence.xlsx"' not in result.path.read_text(encoding="utf-8")
    assert not (tmp_path / EVIDENCE).exists()
