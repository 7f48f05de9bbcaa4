"""Files that are empty, cut off, damaged, packed wrongly, of another kind, doubled, misnamed or not there."""

from __future__ import annotations

import gzip
import io
import random
import zipfile
from collections.abc import Callable, Iterator

from tests.robustness.broken import count
from tests.robustness.broken.case import Case, Expected, Fate, Fault, Refused, Taken, gone, whole
from tests.robustness.broken.cells import line
from tests.robustness.broken.client import Copy

Change = Callable[[Copy], Expected]
NOISE = random.Random(6).randbytes(5000)
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
PAGE = "<!DOCTYPE html>\n<html><body><p>Your session has expired, please log in.</p></body></html>\n"


def cases() -> Iterator[Case]:
    """Everything that can be wrong with a file as a whole."""
    for table in ("items", "order_lines", "forecast_snapshots", "suppliers"):
        yield _unsent(f"{table} of no bytes", table, lambda copy, name: copy.raw(f"{name}.csv", b"", name))
        yield _unsent(
            f"{table} with a header only", table, lambda copy, name: copy.write(name, copy.grid(name).keep(()))
        )
        yield _unsent(
            f"{table} of blank lines", table, lambda copy, name: copy.raw(f"{name}.csv", b"\n\n \n\r\n", name)
        )
    yield _unsent(
        "a table of a byte order mark", "capacity", lambda copy, name: copy.raw("capacity.csv", b"\xef\xbb\xbf", name)
    )
    yield Case("files/packed", _packed(gzip.compress), ("order_lines",))
    yield Case("files/packed in two parts", _packed(_two_parts), ("order_lines",))
    yield _bad("a packed file cut off", lambda content: gzip.compress(content)[:-2000], "order_lines.csv.gz")
    yield _bad("a packed file cut off in its header", lambda content: gzip.compress(content)[:8], "order_lines.csv.gz")
    yield _bad("a packed file with a wrong sum", _wrong_sum, "order_lines.csv.gz")
    yield _bad("a packed file with damage in the middle", _damaged, "order_lines.csv.gz")
    yield _bad("a packed file that is not packed", lambda content: content, "order_lines.csv.gz")
    yield _bad("a packed file that is a ZIP archive", _zipped, "order_lines.csv.gz")
    yield Case("files/a packed file of no bytes", _packed_nothing, ("order_lines",))
    yield _bad("a packed file named as if it were not", gzip.compress, "order_lines.csv", "gzip, not text", ".csv.gz")
    yield _bad(
        "a ZIP archive named CSV",
        _zipped,
        "order_lines.csv",
        "a ZIP archive or an Excel workbook, not text",
        "Unpack it",
    )
    yield _bad("noise", lambda content: NOISE, "order_lines.csv", "what no text holds")
    yield _bad("a PDF", lambda content: PDF, "order_lines.csv", "a PDF, not text")
    yield _bad("Parquet cut off", lambda content: b"PAR1" + NOISE, "order_lines.parquet")
    yield _bad("Parquet of no bytes", lambda content: b"", "order_lines.parquet")
    yield _bad("Parquet that is CSV", lambda content: content, "order_lines.parquet")
    yield _bad("a CSV that is Parquet", _as_parquet, "order_lines.csv", "Parquet, not text", ".parquet")
    yield _bad("a CSV that is a workbook", _as_workbook, "order_lines.csv", "an Excel workbook, not text", ".xlsx")
    yield Case("files/a web page", _page, ("order_lines",))
    yield Case("files/the last line cut off", _cut_off, ("order_lines",))
    yield Case("files/no line end at the end", _no_end, ("order_lines",))
    yield Case("files/a folder in place of a table", _a_folder, ("order_lines",))
    yield from _doubles()
    yield from _names()
    yield Case("files/an empty folder", _no_files, None)
    yield Case("files/no items", _no_items, ("order_lines",))
    yield Case("files/items only", _items_only, ())
    yield Case("files/no such folder", lambda copy: Refused("no such folder", "--data"), (), data="nowhere")
    yield Case("files/a file in place of the folder", _a_file, (), data="items.csv")


def _unsent(name: str, table: str, write: Callable[[Copy, str], object]) -> Case:
    """A table without rows counts as not sent; without items nothing can start."""

    def change(copy: Copy) -> Expected:
        write(copy, table)
        if table == "items":
            return Refused("items.csv", "holds no rows", "Send one row per item")
        return Taken({table: gone()}, says=(f"{table}: {table}.csv holds no rows; counted as not sent",))

    return Case(f"files/{name}", change, (table,))


def _bad(name: str, spoil: Callable[[bytes], bytes], file: str, *says: str) -> Case:
    """The file cannot be read at all."""

    def change(copy: Copy) -> Expected:
        content = spoil(copy.grid("order_lines").text().encode())
        path = copy.raw("x", content, "order_lines")
        path.rename(copy.folder / file)
        return Refused(file, *says)

    return Case(f"files/{name}", change, ("order_lines",))


def _packed(pack: Callable[[bytes], bytes]) -> Change:
    def change(copy: Copy) -> Expected:
        path = copy.raw("x", pack(copy.grid("order_lines").text().encode()), "order_lines")
        path = path.rename(copy.folder / "order_lines.csv.gz")
        copy.counts["order_lines"] = lambda: count.delimited(path)
        return Taken({"order_lines": Fate(copy.grid("order_lines"))})

    return change


def _packed_nothing(copy: Copy) -> Expected:
    copy.raw("x", b"", "order_lines").rename(copy.folder / "order_lines.csv.gz")
    return Taken({"order_lines": gone()}, says=("order_lines.csv.gz holds no rows",))


def _two_parts(content: bytes) -> bytes:
    """Two gzip files one after the other are one, as some loaders write them."""
    half = len(content) // 2
    return gzip.compress(content[:half]) + gzip.compress(content[half:])


def _wrong_sum(content: bytes) -> bytes:
    packed = bytearray(gzip.compress(content))
    packed[-8] ^= 0xFF
    return bytes(packed)


def _damaged(content: bytes) -> bytes:
    packed = bytearray(gzip.compress(content))
    middle = len(packed) // 2
    packed[middle : middle + 40] = b"\x00" * 40
    return bytes(packed)


def _zipped(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("order_lines.csv", content)
    return out.getvalue()


def _as_parquet(content: bytes) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    out = io.BytesIO()
    pq.write_table(pa.table({"order_id": ["1"]}), out)
    return out.getvalue()


def _as_workbook(content: bytes) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet("order_lines").write(0, 0, "order_id")
    return out.getvalue()


def _page(copy: Copy) -> Expected:
    copy.raw("order_lines.csv", PAGE, "order_lines")
    return Taken({"order_lines": whole("required column order_id is missing", read=1)})


def _cut_off(copy: Copy) -> Expected:
    """As after a full disk: the last row has lost its end."""
    grid = copy.grid("order_lines")
    text = grid.text()
    copy.raw("order_lines.csv", text[: text.rstrip().rfind("\n") + 30], "order_lines")
    last = len(grid) - 1
    return Taken(
        {"order_lines": Fate(grid.without({last}), (Fault(line(last), "", "fields where the header has 16"),))}
    )


def _no_end(copy: Copy) -> Expected:
    copy.raw("order_lines.csv", copy.grid("order_lines").text().rstrip("\n"), "order_lines")
    return Taken({"order_lines": Fate(copy.grid("order_lines"))})


def _doubles() -> Iterator[Case]:
    """One table comes from one place."""
    for name in ("order_lines.csv.gz", "Order_Lines.CSV", "order lines.csv", "order-lines.csv", "order_lines.parquet"):

        def change(copy: Copy, name: str = name) -> Expected:
            copy.raw(name, copy.grid("order_lines").text())
            return Refused("order_lines: found twice", name, "order_lines.csv", "Remove one of them")

        yield Case(f"files/order_lines.csv beside {name}", change, ("order_lines",))


def _names() -> Iterator[Case]:
    """A file is known by the table's name in any case, with spaces or hyphens; any other name is told."""
    for name in ("ORDER_LINES.CSV", "Order Lines.csv", "order-lines.csv", " order_lines.csv"):

        def change(copy: Copy, name: str = name) -> Expected:
            path = copy.write("order_lines", name=name)
            copy.counts["order_lines"] = lambda: count.delimited(path)
            return Taken({"order_lines": Fate(copy.grid("order_lines"))})

        yield Case(f"files/named '{name}'", change, ("order_lines",))
    strangers = {
        "order_line.csv": "not read: order_line.csv; did you mean order_lines?",
        "Auftragszeilen.csv": "not read: Auftragszeilen.csv",
        "order_lines (1).csv": "not read: order_lines (1).csv; did you mean order_lines?",
        "order_lines_2026.csv.gz": "not read: order_lines_2026.csv.gz; did you mean order_lines?",
        "order_lines.txt": "not read: order_lines.txt; did you mean order_lines?",
        "order_lines.csv.zip": "not read: order_lines.csv.zip (of no readable kind); did you mean order_lines?",
        "order_lines.json": "not read: order_lines.json (of no readable kind); did you mean order_lines?",
        "order_lines": "not read: order_lines (of no readable kind); did you mean order_lines?",
        "order_lines.csv.bak": "not read: order_lines.csv.bak (of no readable kind); did you mean order_lines?",
    }
    for name, said in strangers.items():

        def lost(copy: Copy, name: str = name, said: str = said) -> Expected:
            copy.write("order_lines", name=name)
            return Taken({"order_lines": gone()}, says=(said,))

        yield Case(f"files/misnamed {name}", lost, ("order_lines",))


def _a_folder(copy: Copy) -> Expected:
    """As Spark leaves its tables: a folder of parts."""
    copy.write("order_lines", name="order_lines.csv/part-00000.csv")
    return Taken({"order_lines": gone()}, says=("not read: order_lines.csv (a folder); did you mean order_lines?",))


def _no_files(copy: Copy) -> Expected:
    for path in copy.folder.iterdir():
        path.unlink()
    return Refused("the table items was not found", "items.csv", "no readable file")


def _no_items(copy: Copy) -> Expected:
    copy.remove("items")
    return Refused("the table items was not found", "Expected items.csv", "order_lines.csv")


def _items_only(copy: Copy) -> Expected:
    copy.remove(*(name for name in copy.tables if name != "items"))
    return Refused("No table is left beside items", "One of these is needed", "order_lines")


def _a_file(copy: Copy) -> Expected:
    return Refused("items")
