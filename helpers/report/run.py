"""Executes notebooks with papermill: one process, one kernel each, no open port where the system allows it.

Execution starts at once and runs beside whatever its caller does; the notebooks wait for what they are handed.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helpers.disk import working_folder
from helpers.errors import Unusable
from helpers.faults import told
from helpers.report.handover import VARIABLE, Handed, hand_over

TIMEOUT = 3600  # seconds for a cell that measures by itself
LIMIT = 900  # seconds for all that is left of a notebook once it has been handed the findings: it draws
THREADS = 4
LONGEST_WAY = 60  # bytes; a socket takes some forty more, and a hundred in all
PATIENCE = 180
KERNEL = [sys.executable, "-m", "helpers.report.kernel", "-f", "{connection_file}"]
# A kernel that is told to end logs the interrupt as an error; what it ran is nobody's history.
QUIET = ["--Application.log_level=CRITICAL", "--HistoryManager.enabled=False"]


@dataclass(frozen=True)
class Executed:
    """An executed notebook; `failure` says in one line which cell broke off and how."""

    name: str
    notebook: Any
    failure: str = ""


@dataclass
class Execution:
    """Notebooks under way in the private `folder` that they are handed the findings in."""

    folder: Path
    submit: Callable[[Path, int], Future[Executed]]
    pages: list[Future[Executed]] = field(default_factory=list)
    kernels: dict[int, Any] = field(default_factory=dict)
    late: set[int] = field(default_factory=set)
    until: float | None = None
    is_over: bool = False

    def start(self, notebooks: Iterable[Path]) -> None:
        """Start executing some more."""
        self.pages += [self.submit(path, number) for number, path in enumerate(notebooks, start=len(self.pages))]

    def finish(self, handed: Handed | None = None) -> tuple[Executed, ...]:
        """Hand over what the notebooks wait for, unless they have it, and wait for them.

        A notebook that fails is returned with what it had by then; one that takes longer than `LIMIT` after the
        hand-over fails. Raises `Unusable` for a parameter that one does not declare.
        """
        if handed:
            self.hand(handed)
        if self.until is None:
            return tuple(page.result() for page in self.pages)
        return tuple(self._result(number, self.until) for number in range(len(self.pages)))

    def hand(self, handed: Handed) -> None:
        """Hand over what the notebooks wait for, and do not wait for them."""
        hand_over(self.folder, handed)
        self.until = time.monotonic() + LIMIT

    def _result(self, number: int, until: float) -> Executed:
        """A notebook whose kernel has gone fails by itself, soon."""
        try:
            return self.pages[number].result(max(0.0, until - time.monotonic()))
        except TookTooLong:
            self.late.add(number)
            _kill(self.kernels.get(number))
            return self.pages[number].result()

    def end(self) -> None:
        """Leave no kernel behind, whatever it is doing and wherever its notebook stands."""
        self.is_over = True
        for page in self.pages:
            page.cancel()
        for kernel in list(self.kernels.values()):
            _kill(kernel)


@contextmanager
def started(
    notebooks: Iterable[Path],
    parameters: dict[str, str],
    root: Path,
    progress: Callable[[str], None],
    *,
    waiting: bool = False,
) -> Iterator[Execution]:
    """Execute `notebooks` side by side in threads of this process, each with `parameters`, from the folder `root`.

    Parameters
    ----------
    waiting
        Whether the notebooks wait for what `Execution.finish` hands them, instead of measuring by themselves.
    """
    with working_folder(_near()) as folder, ThreadPoolExecutor(THREADS) as pool:

        def run(path: Path, number: int) -> Executed:
            _refuse_unknown(path, parameters)
            executed = _execute(path, parameters, root, execution, number, waiting)
            if not execution.is_over:
                progress(f"notebook {path.stem}{': failed' if executed.failure else ''}")
            return executed

        execution = Execution(folder, lambda path, number: pool.submit(run, path, number))
        execution.start(notebooks)
        try:
            yield execution
        finally:
            execution.end()


def _near() -> Path | None:
    """Where the folder of a run goes if the way to the usual one is longer than the name of a socket may be."""
    is_long = sys.platform != "win32" and len(os.fsencode(tempfile.gettempdir())) > LONGEST_WAY
    return Path("/tmp") if is_long else None  # noqa: S108 - the folder made in it is private


def _refuse_unknown(path: Path, parameters: dict[str, str]) -> None:
    import papermill

    known = set(papermill.inspect_notebook(str(path)))
    unknown = sorted(set(parameters) - known)
    if unknown:
        raise Unusable(f"{path.name}: no parameter '{unknown[0]}'. It declares: {', '.join(sorted(known))}.")


def _execute(
    path: Path, parameters: dict[str, str], root: Path, execution: Execution, number: int, waiting: bool
) -> Executed:
    import nbformat
    import papermill
    from papermill.exceptions import PapermillExecutionError

    logging.getLogger("papermill").setLevel(logging.CRITICAL)  # what fails is said by the page and the exit status
    logging.getLogger("traitlets").setLevel(logging.CRITICAL)
    failure, output = "", execution.folder / path.name
    try:
        papermill.execute_notebook(
            str(path),
            str(output),
            parameters,
            kernel_name="python3",
            progress_bar=False,
            request_save_on_cell_execute=False,  # else each cell writes all that was drawn before it anew, twice
            start_timeout=PATIENCE,
            execution_timeout=None if waiting else TIMEOUT,  # how long the run measures is the run's own affair
            resources={"metadata": {"path": str(root)}},
            extra_arguments=QUIET,
            kernel_manager_class=_manager(execution, number, waiting),
        )
    except PapermillExecutionError as error:
        failure = f"cell {error.exec_count}: {error.ename}"
    except Exception as error:  # noqa: BLE001 - a kernel that dies must not take the other pages with it
        failure = "; ".join([told(error), *_last_words(execution.folder, number)])
    if number in execution.late:
        failure = f"it did not end within {LIMIT:,.0f} seconds"
    if output.exists():
        return Executed(path.stem, nbformat.read(output, as_version=4), failure)  # type: ignore[no-untyped-call]
    return Executed(path.stem, _unrun(path), failure)


def _unrun(path: Path) -> Any:
    """A notebook as it stands in its folder, without the outputs it was committed with: they are of other data."""
    import nbformat

    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    return notebook


def _manager(execution: Execution, number: int, waiting: bool) -> type[Any]:
    """A manager of the kit's own kernel that can be ended from outside, and hands it the way to what it waits for.

    Unix sockets in a short, private folder instead of TCP ports; Windows has none.
    """
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    transport = {} if sys.platform == "win32" else {"transport": "ipc", "ip": f"{execution.folder}/{number}"}

    class Manager(AsyncKernelManager):
        def __init__(self, **settings: Any) -> None:
            super().__init__(**transport, **settings)
            self.connection_file = f"{execution.folder}/{number}.json"
            execution.kernels[number] = self

        @property
        def kernel_spec(self) -> Any:
            return KernelSpec(argv=KERNEL, display_name="Python 3", language="python")

        async def _async_start_kernel(self, **options: Any) -> None:
            if execution.is_over:
                raise RuntimeError("the run has ended")
            handed = {VARIABLE: str(execution.folder)} if waiting else {}
            environment = {**os.environ, **_apart(execution.folder, number), **handed}
            with _complaints(execution.folder, number).open("wb") as complaints:
                await super()._async_start_kernel(**{**options, "env": environment, "stderr": complaints})
            if execution.is_over or number in execution.late:
                _kill(self)

        start_kernel = _async_start_kernel

    return Manager


def _complaints(folder: Path, number: int) -> Path:
    """Where a kernel says what no cell shows: why it cannot start."""
    return folder / f"{number}.txt"


def _last_words(folder: Path, number: int) -> list[str]:
    """The error that kept a kernel from starting, by its name; what it quotes stays untold."""
    file = _complaints(folder, number)
    lines = file.read_text(encoding="utf-8", errors="replace").strip().splitlines() if file.exists() else []
    return [name for line in lines[-1:] if (name := line.partition(":")[0]).isidentifier()]


def _apart(folder: Path, number: int) -> dict[str, str]:
    """What a kernel keeps for itself goes with the run: it leaves nothing behind, however it ends."""
    own = {name: str(folder) for name in ("TMPDIR", "TEMP", "TMP")}
    return {**own, "IPYTHONDIR": f"{folder}/ipython-{number}"}


def _kill(kernel: Any | None) -> None:
    if process := getattr(getattr(kernel, "provisioner", None), "process", None):
        process.kill()
