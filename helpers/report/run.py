"""Executes notebooks with papermill: one process, one kernel each, no open port where the system allows it.

Execution starts at once and runs beside whatever its caller does; the notebooks wait for what they are handed.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helpers.errors import Unusable
from helpers.faults import told
from helpers.report.handover import VARIABLE, Handed, hand_over

TIMEOUT = 3600
THREADS = 4
PATIENCE = 180
KERNEL = "helpers.report.kernel"
QUIET = "--Application.log_level=CRITICAL"  # a kernel that is told to end logs the interrupt as an error


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
    kernels: list[Any] = field(default_factory=list)
    is_over: bool = False

    def start(self, notebooks: Iterable[Path]) -> None:
        """Start executing some more."""
        self.pages += [self.submit(path, number) for number, path in enumerate(notebooks, start=len(self.pages))]

    def finish(self, handed: Handed | None = None) -> tuple[Executed, ...]:
        """Hand over what the notebooks wait for, and wait for them.

        A notebook that fails is returned with what it had by then. Raises `Unusable` for a parameter that one does not
        declare.
        """
        if handed:
            hand_over(self.folder, handed)
        return tuple(page.result() for page in self.pages)

    def end(self) -> None:
        """Leave no kernel behind, whatever it is doing and wherever its notebook stands."""
        self.is_over = True
        for page in self.pages:
            page.cancel()
        for kernel in self.kernels:
            if process := getattr(kernel.provisioner, "process", None):
                process.kill()


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
    with tempfile.TemporaryDirectory(prefix="kit") as folder, ThreadPoolExecutor(THREADS) as pool:

        def run(path: Path, number: int) -> Executed:
            _refuse_unknown(path, parameters)
            executed = _execute(path, parameters, root, execution, number, waiting)
            if not execution.is_over:
                progress(f"notebook {path.stem}{': failed' if executed.failure else ''}")
            return executed

        execution = Execution(Path(folder), lambda path, number: pool.submit(run, path, number))
        execution.start(notebooks)
        try:
            yield execution
        finally:
            execution.end()


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
            extra_arguments=[QUIET],
            kernel_manager_class=_manager(execution, number, waiting),
        )
    except PapermillExecutionError as error:
        failure = f"cell {error.exec_count}: {error.ename}"
    except Exception as error:  # noqa: BLE001 - a kernel that dies must not take the other pages with it
        failure = told(error)
    source = output if output.exists() else path
    return Executed(path.stem, nbformat.read(source, as_version=4), failure)  # type: ignore[no-untyped-call]


def _manager(execution: Execution, number: int, waiting: bool) -> type[Any]:
    """A kernel manager that can be ended from outside, and hands its kernel the way to what it waits for.

    Unix sockets in a short, private folder instead of TCP ports; Windows has none.
    """
    from jupyter_client.manager import AsyncKernelManager

    transport = {} if sys.platform == "win32" else {"transport": "ipc", "ip": f"{execution.folder}/{number}"}

    class Manager(AsyncKernelManager):
        def __init__(self, **settings: Any) -> None:
            super().__init__(**transport, **settings)
            execution.kernels.append(self)

        async def _async_start_kernel(self, **options: Any) -> None:
            if execution.is_over:
                raise RuntimeError("the run has ended")
            if self.kernel_spec:  # its command; its name and its encryption stay
                self.kernel_spec.argv = [sys.executable, "-m", KERNEL, "-f", "{connection_file}"]
            environment = {**os.environ, VARIABLE: str(execution.folder)} if waiting else dict(os.environ)
            await super()._async_start_kernel(**{**options, "env": environment})
            if execution.is_over:
                self.provisioner.process.kill()

        start_kernel = _async_start_kernel

    return Manager
