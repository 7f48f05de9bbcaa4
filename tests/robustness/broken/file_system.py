"""Files that may not be read, links, loops, folders in place of files, and places that may not be written."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.robustness.broken.case import Case, Expected, Fate, Refused, Taken, gone
from tests.robustness.broken.client import SETTINGS, Copy

NO_RIGHT = "Permission denied"


def cases() -> Iterator[Case]:
    """What a file system can put in the way."""
    for name in ("order_lines.csv", "items.csv"):
        yield Case(f"file system/{name} unreadable", _closed(name), ("order_lines",), bound=True)
    yield Case("file system/settings unreadable", _closed(SETTINGS), bound=True)
    yield Case("file system/notes unreadable", _closed_notes, bound=True)
    yield Case("file system/a workbook unreadable", _closed_other("extract.xlsx"), bound=True)
    yield Case("file system/a database unreadable", _closed_other("client.duckdb"), bound=True)
    yield Case("file system/a Parquet file unreadable", _closed_other("suppliers.parquet"), bound=True)
    yield Case("file system/a stranger unreadable", _closed_stranger, bound=True)
    yield Case("file system/the folder unreadable", _closed_folder(0o000), bound=True)
    yield Case("file system/the folder without its names", _closed_folder(0o300), bound=True)
    yield Case("file system/the folder without its files", _closed_folder(0o600), bound=True)
    yield Case("file system/no right to write the result", _closed_result, options=("--out", "{}/shut/out"), bound=True)
    yield Case("file system/a read-only folder", _read_only, bound=True)
    yield Case("file system/a link inside the folder", _link_inside, ("order_lines",))
    yield Case("file system/a link that leaves the folder", _link_outside, ("order_lines",))
    yield Case("file system/a link to the whole disk", _link_to_root, ("order_lines",))
    yield Case("file system/a link that leads nowhere", _dangling, ("order_lines",))
    yield Case("file system/a link to itself", _loop, ("order_lines",))
    yield Case("file system/settings linked from outside", _linked_settings("../elsewhere.yaml"))
    yield Case("file system/settings linked to nowhere", _linked_settings("nowhere.yaml"))
    yield Case("file system/the data folder is a link", _linked_folder, data="../linked")
    yield Case("file system/a folder named as items", _folder("items.csv"), ())
    yield Case("file system/a folder named as the settings", _folder_of_settings)
    yield Case("file system/a folder named as the notes", _folder_of_notes)
    yield Case("file system/a folder named as a workbook", _stranger_folder("extract.xlsx"))
    yield Case("file system/a folder beside", _stranger_folder("old extracts"))
    yield Case("file system/a pipe in place of a table", _pipe, ("order_lines",))
    yield Case("file system/a mapped file that is a folder", _mapped_folder, ("capacity",))
    yield Case("file system/a mapped file through a link that leaves", _mapped_link, ("capacity",))
    yield Case("file system/hidden files beside", _hidden, ("capacity",))


def _closed(name: str) -> Callable[[Copy], Expected]:
    def change(copy: Copy) -> Expected:
        path = copy.folder / name
        copy.raw(name, path.read_bytes()).chmod(0)
        return Refused(name, "cannot be read", NO_RIGHT)

    return change


def _closed_notes(copy: Copy) -> Expected:
    copy.raw("notes.yaml", "general: {note: x}\n").chmod(0)
    return Refused("notes.yaml", "cannot be read", NO_RIGHT)


def _closed_other(name: str) -> Callable[[Copy], Expected]:
    def change(copy: Copy) -> Expected:
        copy.raw(name, b"x" * 100).chmod(0)
        return Refused(name, NO_RIGHT)

    return change


def _closed_stranger(copy: Copy) -> Expected:
    """What is not read anyway may stay shut."""
    copy.raw("remarks.csv", b"x").chmod(0)
    return Taken(says=("not read: remarks.csv",))


def _closed_folder(mode: int) -> Callable[[Copy], Expected]:
    def change(copy: Copy) -> Expected:
        copy.folder.chmod(mode)
        return Refused("data", "no permission")

    return change


def _closed_result(copy: Copy) -> Expected:
    shut = copy.folder.parent / "shut"
    shut.mkdir()
    shut.chmod(0o500)
    return Refused("shut", "no permission")


def _read_only(copy: Copy) -> Expected:
    """The kit writes nothing beside the data."""
    copy.folder.chmod(0o500)
    return Taken()


def _link(copy: Copy, target: str | Path, name: str = "order_lines.csv") -> None:
    path = copy.folder / name
    path.unlink(missing_ok=True)
    path.symlink_to(target)


def _link_inside(copy: Copy) -> Expected:
    copy.raw("July 2026.txt", copy.grid("order_lines").text())
    _link(copy, "July 2026.txt")
    return Taken({"order_lines": Fate(copy.grid("order_lines"))})


def _link_outside(copy: Copy) -> Expected:
    outside = copy.folder.parent / "outside.csv"
    outside.write_text(copy.grid("order_lines").text(), encoding="utf-8")
    _link(copy, outside)
    return Refused("order_lines.csv", "leads outside the data folder", "Copy the file into it")


def _link_to_root(copy: Copy) -> Expected:
    """A link to a folder is a folder in place of a file."""
    _link(copy, "/")
    return Taken({"order_lines": gone()}, says=("not read: order_lines.csv (a folder)",))


def _dangling(copy: Copy) -> Expected:
    _link(copy, "nowhere.csv")
    return Refused("order_lines.csv")


def _loop(copy: Copy) -> Expected:
    _link(copy, "order_lines.csv")
    return Refused("order_lines.csv")


def _linked_settings(target: str) -> Callable[[Copy], Expected]:
    def change(copy: Copy) -> Expected:
        (copy.folder.parent / "elsewhere.yaml").write_text("client: Elsewhere\n", encoding="utf-8")
        _link(copy, target, SETTINGS)
        return Refused(SETTINGS, "lead")

    return change


def _linked_folder(copy: Copy) -> Expected:
    (copy.folder.parent / "linked").symlink_to(copy.folder, target_is_directory=True)
    return Taken()


def _folder(name: str) -> Callable[[Copy], Expected]:
    def change(copy: Copy) -> Expected:
        (copy.folder / name).unlink()
        (copy.folder / name).mkdir()
        return Refused("the table items was not found", "items.csv (a folder)")

    return change


def _folder_of_settings(copy: Copy) -> Expected:
    (copy.folder / SETTINGS).unlink()
    (copy.folder / SETTINGS).mkdir()
    return Refused(SETTINGS, "found a folder")


def _folder_of_notes(copy: Copy) -> Expected:
    (copy.folder / "notes.yaml").mkdir()
    return Refused("notes.yaml", "found a folder")


def _stranger_folder(name: str) -> Callable[[Copy], Expected]:
    def change(copy: Copy) -> Expected:
        (copy.folder / name).mkdir()
        (copy.folder / name / "order_lines.csv").write_text("x\n", encoding="utf-8")
        return Taken()

    return change


def _pipe(copy: Copy) -> Expected:
    """Nobody would ever write to it: the run must not wait."""
    (copy.folder / "order_lines.csv").unlink()
    os.mkfifo(copy.folder / "order_lines.csv")
    return Refused("order_lines.csv")


def _mapped_folder(copy: Copy) -> Expected:
    (copy.folder / "kapa.csv").mkdir()
    copy.mapped("capacity", file="kapa.csv")
    return Refused("tables.capacity.file", "kapa.csv is not in the data folder")


def _mapped_link(copy: Copy) -> Expected:
    outside = copy.folder.parent / "outside.csv"
    outside.write_text(copy.grid("capacity").text(), encoding="utf-8")
    _link(copy, outside, "kapa.csv")
    copy.mapped("capacity", file="kapa.csv")
    return Refused("tables.capacity.file", "leads outside the data folder")


def _hidden(copy: Copy) -> Expected:
    """What systems leave behind is no extract."""
    for name in (".DS_Store", "._capacity.csv", ".capacity.csv.swp", "Thumbs.db.lnk"):
        copy.raw(name, b"\x00\x01")
    return Taken()
