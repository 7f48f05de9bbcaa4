"""The proof: a name is found wherever it hides in a finished file, and what proves nothing is said to."""

from __future__ import annotations

import base64
import gzip
import io
import json
import shutil
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from string import ascii_lowercase

import pandas as pd
import pytest
import xlsxwriter

from helpers.anonymise.proof import prove
from helpers.anonymise.search import is_distinct, phrase
from helpers.report.pdf import COMMANDS, browser, print_page

ROOT = Path(__file__).resolve().parents[2]
NAME = "Tollgate Glassworks"
SVG = '<svg xmlns="http://www.w3.org/2000/svg"><g><text>{}</text></g></svg>'


def based(content: bytes) -> str:
    """Bytes as they are packed into a page."""
    return base64.b64encode(content).decode()


def zipped(parts: dict[str, str | bytes]) -> bytes:
    """An Office file, or anything else in a ZIP."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as parcel:
        for name, content in parts.items():
            parcel.writestr(name, content)
    return packed.getvalue()


def workbook(said: str, title: str = "") -> bytes:
    """A real workbook with a text in a cell and one among its properties."""
    packed = io.BytesIO()
    with xlsxwriter.Workbook(packed, {"in_memory": True}) as book:
        book.set_properties({"title": title})
        book.add_worksheet("S01").write_string("FN1", said)
    return packed.getvalue()


def picture(said: str) -> bytes:
    """A PNG that says something in a compressed text chunk."""
    data = b"Comment\x00\x00" + zlib.compress(said.encode())
    return b"\x89PNG\r\n\x1a\n" + len(data).to_bytes(4, "big") + b"zTXt" + data + b"\x00\x00\x00\x00"


def notebook(output: dict[str, object]) -> bytes:
    """A notebook with one output."""
    cell = {"cell_type": "code", "source": [], "outputs": [{"output_type": "display_data", "data": output}]}
    return json.dumps({"cells": [cell], "metadata": {}}).encode()


def parquet(said: str) -> bytes:
    """A table with a text."""
    packed = io.BytesIO()
    pd.DataFrame({"supplier": [said]}).to_parquet(packed)
    return packed.getvalue()


def slide(*runs: str) -> str:
    """A line of a slide, run by run."""
    return "<p:sld><a:p>" + "".join(f"<a:r><a:rPr/><a:t>{run}</a:t></a:r>" for run in runs) + "</a:p></p:sld>"


PLANTED: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "html text": ("report.html", lambda name: f"<p>by <b>{name}</b></p>".encode()),
    "html over two elements": ("report.html", lambda name: "<p>{}<i>&nbsp;{}</i></p>".format(*name.split()).encode()),
    "html over two lines": ("report.html", lambda name: f"<p>{name.replace(' ', '<br>')}</p>".encode()),
    "html attribute": ("report.html", lambda name: f'<img alt="late: {name.upper()}">'.encode()),
    "html escaped": ("report.html", lambda name: f"<p>{name.replace('G', '&#71;')}</p>".encode()),
    "html comment": ("report.html", lambda name: f"<!-- {name} -->".encode()),
    "html style": ("report.html", lambda name: f"<style>/* {name} */</style>".encode()),
    "html identifier": ("report.html", lambda name: f'<a href="#{name.replace(" ", "-").lower()}">x</a>'.encode()),
    "svg in base64": (
        "report.html",
        lambda name: f'<img src="data:image/svg+xml;base64,{based(SVG.format(name).encode())}">'.encode(),
    ),
    "svg, percent-encoded": ("report.html", lambda name: f"<img src='data:image/svg+xml,%3Ctext%3E{name}'>".encode()),
    "png in base64": (
        "report.html",
        lambda name: f'<img src="data:image/png;base64,{based(picture(name))}">'.encode(),
    ),
    "json value": ("findings.json", lambda name: json.dumps({"drivers": [{"value": name}]}).encode()),
    "json key": ("findings.json", lambda name: json.dumps({name: 1}).encode()),
    "json escaped": ("findings.json", lambda name: json.dumps(f"über {name}", ensure_ascii=True).encode()),
    "notebook html": ("n.ipynb", lambda name: notebook({"text/html": ["<p>Tollgate\n", "Glassworks</p>"]})),
    "notebook svg": (
        "n.ipynb",
        lambda name: notebook(
            {"text/html": f'<img src="data:image/svg+xml;base64,{based(SVG.format(name).encode())}" alt="">'}
        ),
    ),
    "notebook png": ("n.ipynb", lambda name: notebook({"image/png": based(picture(name) + bytes(60))})),
    "csv": ("rejects.csv", lambda name: f"file,line,value\nitems,3,{name}\n".encode("utf-8-sig")),
    "csv, packed": ("rejects.csv.gz", lambda name: gzip.compress(f"items,3,{name}\n".encode())),
    "workbook cell": ("evidence.xlsx", workbook),
    "workbook property": ("evidence.xlsx", lambda name: workbook("", name)),
    "slide": ("slides.pptx", lambda name: zipped({"ppt/slides/slide1.xml": slide(name)})),
    "slide over two runs": ("slides.pptx", lambda name: zipped({"ppt/slides/slide1.xml": slide(name[:8], name[8:])})),
    "workbook inside a deck": (
        "slides.pptx",
        lambda name: zipped({"ppt/embeddings/Microsoft_Excel_Sheet.xlsx": workbook(name)}),
    ),
    "name of a part": ("slides.pptx", lambda name: zipped({f"ppt/media/{name}.xml": "<a/>"})),
    "parquet": ("items.parquet", parquet),
    "file name": ("Tollgate-Glassworks.csv", lambda _: b"1"),
    "photograph": ("x.jpg", lambda name: b"\xff\xd8\xff\xfe" + (len(name) + 2).to_bytes(2, "big") + name.encode()),
    "list of names": ("findings.json", lambda name: json.dumps({"value": ["x", name, "y"]}).encode()),
    "text in UTF-16": ("note.txt", lambda name: name.encode("utf-16")),
    "unknown bytes": ("x.bin", lambda name: b"\xff\x01\x02" + name.encode() + b"\x9f\x00"),
    "pdf title": ("report.pdf", lambda name: f"%PDF-1.7\n1 0 obj\n<</Title ({name})>>".encode()),
    "pdf title in UTF-16": (
        "report.pdf",
        lambda name: f"%PDF-1.7\n<</Title <{(chr(0xFEFF) + name).encode('utf-16-be').hex()}>>>".encode(),
    ),
    "pdf link": ("report.pdf", lambda name: f"%PDF-1.7\n<</S /URI\n/URI (file:///{name}/x.html)>>".encode()),
}


def put(folder: Path, name: str, content: bytes) -> Path:
    """A folder with one file."""
    (folder / name).write_bytes(content)
    return folder


@pytest.mark.parametrize("where", PLANTED)
def test_a_planted_name_is_found(tmp_path: Path, where: str) -> None:
    """In every kind of file, in text, attributes and what is packed inside; the same file without it is clean."""
    name, plant = PLANTED[where]
    leaks = prove(put(tmp_path, name, plant(NAME)), [NAME]).leaks
    if where not in ("notebook html", "file name"):
        put(tmp_path, name, plant("Vendor 03"))

    assert leaks == {NAME: {Path(name).suffix.lstrip(".")}}
    assert where in ("notebook html", "file name") or prove(tmp_path, [NAME]).holds


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("Söder", "<p>SODER</p>"),
        ("Glass-works", "<p>glass works</p>"),
        ("010100", "<p>item 010100, 5 %</p>"),
        ("R10", "<svg><text>R10</text></svg>"),
    ],
    ids=["accents and case", "signs", "number of a material", "code"],
)
def test_a_name_is_found_in_another_spelling(tmp_path: Path, name: str, page: str) -> None:
    """Case, accents and signs between words hide nothing."""
    assert list(prove(put(tmp_path, "page.html", page.encode()), [name]).leaks) == [name]


@pytest.mark.parametrize(
    ("name", "file", "content"),
    [
        ("R10", "evidence.xlsx", workbook("").replace(b"FN1", b"R10")),
        ("FN1", "evidence.xlsx", workbook("Vendor 03")),
        ("FN1", "slides.pptx", zipped({"ppt/charts/chart1.xml": "<c:f>S01!$FN1:$FN$12</c:f>"})),
        ("FN1", "evidence.xlsx", zipped({"xl/s.xml": "<cfRule><formula>FN1&gt;2</formula></cfRule>"})),
        ("FN1", "evidence.xlsx", zipped({"xl/s.xml": "<dataValidation><formula1>$FN$1</formula1></dataValidation>"})),
        ("010100", "page.html", b'<svg><text x="12.010100">1</text></svg>'),
        ("L 10", "page.html", b'<svg><path d="M 0 0 L 10 20"/></svg>'),
        ("Kefir 12", "page.html", b"<td>Kefir</td><td>12</td>"),
        ("Kef", "page.html", b"<p>Kefir</p>"),
    ],
    ids=[
        "no name",
        "place of a cell",
        "place in a formula",
        "place in a rule",
        "place in a check",
        "decimals",
        "geometry",
        "two cells",
        "part of a word",
    ],
)
def test_what_only_looks_like_a_name_is_none(tmp_path: Path, name: str, file: str, content: bytes) -> None:
    """Places of cells, decimals and lines of a drawing raise no false alarm."""
    assert prove(put(tmp_path, file, content), [name]).holds


@pytest.mark.parametrize(
    "name", ["AB", "A-1", "4711", "12.5", "2024-01-01", "Demand", "Line 3", "Office", "May", "***"]
)
def test_what_proves_nothing_is_counted_as_not_provable(tmp_path: Path, name: str) -> None:
    """Too short, a plain number, or what the kit says itself: neither found nor passed off as proved."""
    page = f"<p>{name}</p>"
    proof = prove(put(tmp_path, "page.html", page.encode()), [name, NAME])

    assert proof.holds
    assert proof.not_provable == {name}
    assert proof.checked == {NAME}


def test_a_name_declared_ordinary_by_a_person_is_not_provable(tmp_path: Path) -> None:
    """The way out of a false alarm is a decision that stays on record."""
    proof = prove(put(tmp_path, "page.html", b"<p>Contoso</p>"), ["Contoso"], excused=["Contoso"])

    assert proof.holds
    assert proof.not_provable == {"Contoso"}


@pytest.mark.parametrize("name", ["Target", "HP"])
def test_the_client_itself_is_searched_for_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    """A word of the kit and one of two letters too: a person must say that it may stand there."""
    folder = put(tmp_path, "page.html", f"<p>{name}</p>".encode())

    assert list(prove(folder, [name], always=[name]).leaks) == [name]
    assert prove(folder, [name], excused=[name], always=[name]).holds


@pytest.mark.parametrize("name", ["Shell", "Apple", "Acme"])
def test_what_only_code_and_style_say_is_a_name(tmp_path: Path, name: str) -> None:
    """Found in a text; the kit's own style sheet and the code in its notebooks are no text."""
    sheet = (ROOT / "templates" / "report.css").read_text(encoding="utf-8")
    put(tmp_path, "a.html", f"<style>{sheet}</style><svg font-family='-apple-system'></svg>".encode())
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = [c for c in json.loads(path.read_text(encoding="utf-8"))["cells"] if c["cell_type"] == "code"]
        put(tmp_path, path.name, json.dumps({"cells": [{"source": c["source"]} for c in cells]}).encode())
    clean = prove(tmp_path, [name])
    put(tmp_path, "b.html", f"<p>{name} asked</p>".encode())

    assert clean.holds
    assert clean.checked == {name}
    assert prove(tmp_path, [name]).leaks == {name: {"html"}}


def test_a_text_of_the_client_is_searched_for_as_a_whole(tmp_path: Path) -> None:
    """Descriptions that got through are found too, by their words in a row."""
    remark = "yield of the new kettle falls on Mondays"
    folder = put(tmp_path, "findings.json", json.dumps({"note": f"{remark}."}).encode())

    assert list(prove(folder, [], remarks=[remark, "demand"]).leaks) == [remark]


def test_the_proof_says_how_many_files_of_which_kind(tmp_path: Path) -> None:
    """Folders below count too."""
    (tmp_path / "notebooks").mkdir()
    put(tmp_path / "notebooks", "a.ipynb", b"{}")
    put(tmp_path, "report.html", b"")

    assert prove(tmp_path, [NAME]).files == {"html": 1, "ipynb": 1}


@pytest.mark.skipif(not any(map(shutil.which, COMMANDS)), reason="no Chromium, Chrome or Edge on this machine")
def test_a_print_is_searched_where_it_can_be_read(tmp_path: Path) -> None:
    """Title and marks are; compressed pages and fonts raise no alarm by chance, and do not pass for searched."""
    page = put(tmp_path, "report.html", b"<title>Kefir</title><h1 id='Skyr'>Quark</h1><a href='#Skyr'>x</a>")
    print_page(browser(), page / "report.html")
    (page / "report.html").unlink()
    by_chance = [f"{first}{second}" for first in ascii_lowercase for second in ("x7", "q9", "zk", "vv")]
    proof = prove(page, ["Kefir", "Skyr", "Quark", *by_chance])

    assert proof.leaks == {"Kefir": {"pdf"}, "Skyr": {"pdf"}}
    assert proof.files == {}


def test_a_name_is_its_words() -> None:
    """What is searched for, and what is worth searching."""
    assert phrase("Süd-Line  4.5") == "sud line 4.5"
    assert [is_distinct(name) for name in ("00123", "0012", "12345", "AB1", "A1")] == [True, False, False, True, False]
