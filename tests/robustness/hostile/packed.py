"""Small files that unfold to large ones: gzip, workbooks and Parquet, each named forecast_snapshots in some way."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

NAMES = ("cycle", "item_id", "period", "quantity")
ROW = ("2024-07-01", "010100", "2024-08-01", "5")
HEAD = b"cycle,item_id,period,quantity\n"
MB = 1 << 20
SHEET = '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
TEXTS = '<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
TYPES = """<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/></Types>"""
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
ROOT = f'{PACKAGE}<Relationship Id="r1" Type="{RELATION}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
LINKS = (
    f'{PACKAGE}<Relationship Id="r1" Type="{RELATION}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="r2" Type="{RELATION}/sharedStrings" Target="sharedStrings.xml"/>'
    f'<Relationship Id="r3" Type="{RELATION}/externalLink" TargetMode="External" Target="http://canary.invalid/x"/>'
    "</Relationships>"
)
BOOK = (
    f'<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    f'xmlns:r="{RELATION}"><sheets><sheet name="forecast_snapshots" sheetId="1" r:id="r1"/></sheets></workbook>'
)
Lay = Callable[[Path], None]


def _gzip(content: Iterable[bytes]) -> Lay:
    def lay(folder: Path) -> None:
        with gzip.open(folder / "forecast_snapshots.csv.gz", "wb", 1) as out:
            for piece in content:
                out.write(piece)

    return lay


def _workbook(sheet: Iterable[str], texts: Iterable[str] = (TEXTS, "</sst>")) -> Lay:
    def lay(folder: Path) -> None:
        with zipfile.ZipFile(folder / "book.xlsx", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
            small = {"[Content_Types].xml": TYPES, "_rels/.rels": ROOT, "xl/workbook.xml": BOOK}
            for name, content in {**small, "xl/_rels/workbook.xml.rels": LINKS}.items():
                book.writestr(name, content)
            for name, pieces in (("xl/sharedStrings.xml", texts), ("xl/worksheets/sheet1.xml", sheet)):
                with book.open(name, "w") as out:
                    for piece in pieces:
                        out.write(piece.encode())

    return lay


def _rows(*more: str, last: tuple[str, ...] = ROW) -> str:
    rows = "".join(_row(number, cells) for number, cells in enumerate((NAMES, last), 1))
    return f"<sheetData>{rows}{''.join(more)}</sheetData>"


def _row(number: int, cells: tuple[str, ...]) -> str:
    inside = "".join(_cell(f"{'ABCD'[place]}{number}", text) for place, text in enumerate(cells))
    return f'<row r="{number}">{inside}</row>'


def _cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def _with_entities(entities: str) -> str:
    return SHEET.replace("?>", f"?><!DOCTYPE x [{entities}]>", 1)


def _open_document(folder: Path) -> None:
    """One cell, said to stand in every place of the sheet."""
    names = ("office", "table", "text")
    spaces = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in names)
    cell = (
        '<table:table-cell office:value-type="string" table:number-columns-repeated="16384">'
        "<text:p>x</text:p></table:table-cell>"
    )
    row = f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>'
    sheet = f'<table:table table:name="forecast_snapshots">{row}</table:table>'
    whole = f"<office:body><office:spreadsheet>{sheet}</office:spreadsheet></office:body>"
    with zipfile.ZipFile(folder / "book.ods", "w") as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        book.writestr("META-INF/manifest.xml", "<manifest/>")
        book.writestr("content.xml", f"<office:document-content {spaces}>{whole}</office:document-content>")


LAUGHS = '<!ENTITY a0 "lol">' + "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
FOREIGN = '<!ENTITY a9 SYSTEM "file:///etc/passwd">'


def _parquet(rows: int, times: int = 1, cell: str = ROW[0], **options: object) -> Lay:
    def lay(folder: Path) -> None:
        columns = [pa.repeat(pa.scalar(text), rows) for text in (cell, *ROW[1:])]
        table = pa.table(columns, list(NAMES))
        with pq.ParquetWriter(folder / "forecast_snapshots.parquet", table.schema, compression="zstd") as out:
            for _ in range(times):
                out.write_table(table, **options)  # type: ignore[arg-type]

    return lay


def _with_metadata(metadata: dict[bytes, bytes]) -> Lay:
    def lay(folder: Path) -> None:
        table = pa.table([pa.array([text]) for text in ROW], list(NAMES)).replace_schema_metadata(metadata)
        pq.write_table(table, folder / "forecast_snapshots.parquet")

    return lay


def _lying_footer(folder: Path) -> None:
    _parquet(1)(folder)
    path = folder / "forecast_snapshots.parquet"
    content = bytearray(path.read_bytes())
    content[-8:-4] = b"\xff\xff\xff\x7f"
    path.write_bytes(content)


def _one_line(folder: Path) -> None:
    (folder / "forecast_snapshots.csv").write_bytes(HEAD + b"a" * (50 * MB))


def _zip_named_csv(folder: Path) -> None:
    with zipfile.ZipFile(folder / "forecast_snapshots.csv", "w") as out:
        out.writestr("../../sprung", "x")


UNFOLD, LONG, MEMORY = "unfold to more than", "is longer than", "does not fit into"
# name, what lays it, a part of the message (none: it is read as what it says), whether it is laid in a moment
FILES: tuple[tuple[str, Lay, str, bool], ...] = (
    ("1 GB of zeros in a gzip", _gzip([b"\0" * MB] * 1024), UNFOLD, False),
    ("1 GB in one line of a gzip", _gzip([HEAD, *[b"a" * MB] * 1024]), UNFOLD, False),
    ("134 million rows in a gzip", _gzip([HEAD, *[b"1,2,3,4\n" * (MB >> 3)] * 1024]), UNFOLD, False),
    ("an open quotation mark and 64 MB", _gzip([HEAD, b'"', *[b"a\n" * (MB >> 1)] * 65]), UNFOLD, True),
    ("ten million columns", _gzip([HEAD[:-1], b"," * (10 * MB), b"\n1,2,3,4\n"]), LONG, True),
    ("50 MB in one line", _one_line, LONG, False),
    ("an archive named .csv", _zip_named_csv, "a ZIP archive", True),
    ("1 GB of blanks in a sheet", _workbook([SHEET, _rows(), *[" " * MB] * 1024, "</worksheet>"]), UNFOLD, False),
    (
        "67 million shared texts",
        _workbook([SHEET, _rows(), "</worksheet>"], [TEXTS, *["<si><t></t></si>" * (MB >> 4)] * 1024, "</sst>"]),
        UNFOLD,
        False,
    ),
    (
        "a sheet that says it has 17 billion cells",
        _workbook([SHEET, '<dimension ref="A1:XFD1048576"/>', _rows(), "</worksheet>"]),
        "",
        True,
    ),
    (
        "two cells in opposite corners",
        _workbook([SHEET, _rows(f'<row r="1048576">{_cell("XFD1048576", "x")}</row>'), "</worksheet>"]),
        MEMORY,
        True,
    ),
    (
        "a cell where no cell can be",
        _workbook([SHEET, _rows(f'<row r="4294967295">{_cell("ZZZZZZ4294967295", "x")}</row>'), "</worksheet>"]),
        "breaks off",
        True,
    ),
    ("a cell in every place of an OpenDocument sheet", _open_document, "cannot be opened", True),
    (
        "one merged cell as large as a sheet",
        _workbook([SHEET, _rows(), '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>']),
        "",
        True,
    ),
    (
        "entities of entities",
        _workbook([_with_entities(LAUGHS), _rows(last=(ROW[0], "&a9;", *ROW[2:])), "</worksheet>"]),
        "unrecognized entity",
        True,
    ),
    (
        "an entity from the disk",
        _workbook([_with_entities(FOREIGN), _rows(last=(ROW[0], "&a9;", *ROW[2:])), "</worksheet>"]),
        "unrecognized entity",
        True,
    ),
    ("100 million rows in a Parquet", _parquet(1_000_000, 100), "cannot differ from each other", False),
    ("cells of 10 MB in a Parquet", _parquet(20, 10, "x" * (10 * MB)), UNFOLD, True),
    ("100,000 row groups", _parquet(200_000, row_group_size=2), "table of contents", False),
    ("metadata of 20 MB", _with_metadata({b"x": b"y" * (20 * MB)}), "table of contents", True),
    (
        "metadata that look like a program",
        _with_metadata({b"pandas": b'!!python/object/apply:os.system ["touch sprung"]', b"ARROW:schema": b"\xff" * 99}),
        "",
        True,
    ),
    ("a footer that lies", _lying_footer, "forecast_snapshots.parquet", True),
)
