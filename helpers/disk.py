"""The disk: files put in place whole, what one process has to itself, and what ended processes left, swept.

Glossary
    held      locked by the system for this process: the lock goes when the process goes, however it ends
    leaving   a file or folder under a name that begins with `MARK` and that no process holds
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from typing import IO
from uuid import uuid4

MARK = ".sop-kit-"
LOCK = f"{MARK}lock"
WORK = f"{MARK}work-"
PAUSE = 0.1
SPILLED = "max_temp_directory_size"  # DuckDB's word for a disk that takes no more of what memory cannot hold
ADVICE = {
    errno.ENOSPC: "the disk is full. Free some space there, or choose another place",
    errno.EDQUOT: "all the space that you may use there is used. Free some, or choose another place",
    errno.EFBIG: "larger than a file may be there. Choose another place",
    errno.EROFS: "nothing can be written on this disk. Choose another place",
    errno.EACCES: "no permission to read or write here. Change it, or choose another place",
    errno.EPERM: "no permission to read or write here. Change it, or choose another place",
}

# What a file system answers that keeps no locks, as some in networks.
NO_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS)

if sys.platform == "win32":
    import msvcrt

    BEHIND_ALL = 2**30  # Windows lets nobody else write where a lock lies

    def _lock(file: IO[bytes]) -> None:
        file.seek(BEHIND_ALL)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def write(path: Path, text: str) -> None:
    """Put `text` in place at once: a reader sees the old file or the new one, never half of it."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """The same for what is not text."""
    with replaced(path) as beside:
        beside.write_bytes(content)


@contextmanager
def replaced(path: Path, mode: int = 0o666) -> Iterator[Path]:
    """A new file beside `path` to write to; it takes the place of `path` at the end, or is gone.

    Raises
    ------
    OSError
        It cannot be written; named is `path`.
    """
    try:
        for left in path.parent.glob(f"{MARK}*-{escape(path.name)}"):
            _sweep(left)
        beside = path.with_name(f"{MARK}{uuid4().hex[:8]}-{path.name}")
        file = _grasp(beside, mode)
        try:
            yield beside
            if sys.platform == "win32":  # an open file cannot be given another name there
                file.close()
            beside.replace(path)
        finally:
            file.close()
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise OSError(error.errno or errno.EIO, error.strerror or str(error), str(path)) from error


@contextmanager
def held(path: Path, patience: float = 0) -> Iterator[bool]:
    """Hold the lock file `path`, which goes at the end; False where another process holds it.

    Parameters
    ----------
    patience
        Seconds to wait for the other process.
    """
    until = time.monotonic() + patience
    while (file := _try_grasp(path)) is None and time.monotonic() < until:
        time.sleep(PAUSE)
    try:
        yield file is not None
    finally:
        if file:
            _let_go(file, path)


@contextmanager
def made(folder: Path) -> Iterator[None]:
    """The folder, made if need be; a new one in which nothing is left goes again."""
    existed = folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    finally:
        if not existed:
            with suppress(OSError):
                folder.rmdir()


@contextmanager
def working_folder(parent: Path | None = None) -> Iterator[Path]:
    """A private folder, gone at the end; what ended processes left in `parent`, by default the temporary ones, too."""
    parent = parent or Path(tempfile.gettempdir())
    for left in parent.glob(f"{WORK}*"):
        _sweep(left)
    folder, file = _new_folder(parent)
    try:
        yield folder
    finally:
        file.close()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def placed(folder: Path) -> Iterator[Path]:
    """An empty folder to fill; it takes the place of `folder`, a new or an empty one, at once at the end."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with working_folder(folder.parent) as work:
        beside = work / folder.name
        beside.mkdir()
        yield beside
        if folder.exists():
            folder.rmdir()
        beside.replace(folder)


def sweep(folder: Path) -> None:
    """Delete every leaving below `folder`."""
    for left in sorted(folder.rglob(f"{MARK}*")):
        if left != folder / LOCK:
            _sweep(left)


def message(error: OSError, place: Path | str = "") -> str:
    """One message: what could not be read or written, why, and what to do; `place` where the system names none."""
    where = _shown(error.filename) if error.filename else place
    said = ADVICE.get(error.errno or 0) or error.strerror or str(error)
    hint = " TMPDIR can name another folder for working files." if str(where) == tempfile.gettempdir() else ""
    return f"{where}: {said}.{hint}" if where else f"{said[:1].upper()}{said[1:]}."


def refusal(error: Exception, place: Path) -> OSError | None:
    """What the system refused a library, which says so in its own words; nothing where it is something else."""
    words = {os.strerror(code): code for code in ADVICE} | {SPILLED: errno.ENOSPC}
    code = next((code for word, code in words.items() if word in str(error)), None)
    return None if code is None else OSError(code, os.strerror(code), str(place))


def _shown(path: str | bytes) -> Path:
    """The path as far as a user knows it: a working folder stands for the folder it is in."""
    named = Path(os.fsdecode(path))
    hidden = (above for above in (*reversed(named.parents), named) if above.name.startswith(MARK))
    return next((above.parent for above in hidden), named)


def _new_folder(parent: Path) -> tuple[Path, IO[bytes]]:
    """A new folder and the file that holds it; made again where another process swept it before it was held."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=WORK, dir=parent))
        with suppress(FileNotFoundError):
            return folder, _grasp(folder / LOCK)


def _grasp(path: Path, mode: int = 0o666) -> IO[bytes]:
    """Make and hold a file that nobody else knows; only one who sweeps may be at it, for a moment."""
    while (file := _try_grasp(path, mode)) is None:
        time.sleep(PAUSE)
    return file


def _try_grasp(path: Path, mode: int = 0o666, *, surely: bool = False) -> IO[bytes] | None:
    """The file, made if need be, and held; nothing where another process holds it.

    Where nothing can be held it counts as held, unless it is to be so `surely`.
    """
    while True:
        file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, mode), "r+b")
        try:
            _lock(file)
        except OSError as error:
            if error.errno not in NO_LOCKS or surely:
                file.close()
                if error.errno in (errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK, *NO_LOCKS):
                    return None
                raise
        if _is_at(file, path):
            return file
        file.close()  # whoever held it has deleted it in between


def _is_at(file: IO[bytes], path: Path) -> bool:
    with suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    return False


def _let_go(file: IO[bytes], path: Path) -> None:
    """The name goes while the file is held, so that nobody holds one without a name; Windows does not allow that."""
    if sys.platform == "win32":
        file.close()
    with suppress(OSError):
        path.unlink()
    file.close()


def _sweep(left: Path) -> None:
    """Delete a leaving; what is held, a link, or somebody else's, is left alone."""
    with suppress(OSError):
        if left.is_symlink() or not _is_own(left):
            return
        file = _try_grasp(left / LOCK if left.is_dir() else left, surely=True)
        if file is None:
            return
        if sys.platform == "win32":  # nothing open is deleted there
            file.close()
        try:
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        finally:
            file.close()


def _is_own(path: Path) -> bool:
    return sys.platform == "win32" or path.stat().st_uid == os.geteuid()
