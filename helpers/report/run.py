"""Executes notebooks with papermill: one process, one kernel each, no open port where the system allows it."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.errors import Unusable

TIMEOUT = 3600
THREADS = 4
PATIENCE = 180
QUIET = "--Application.log_level=CRITICAL"  # a kernel that is told to end logs the interrupt as an error


@dataclass(frozen=True)
class Executed:
    """An executed notebook; `failure` says in one line which cell broke off and how."""

    name: str
    notebook: Any
    failure: str = ""


def execute_all(
    notebooks: Iterable[Path], parameters: dict[str, str], root: Path, progress: Callable[[str], None]
) -> tuple[Executed, ...]:
    """Execute `notebooks` side by side in threads of this process, each with `parameters`, from the folder `root`.

    A notebook that fails is returned with what it had by then. Raises `Unusable` for a parameter it does not declare.
    """
    paths = list(notebooks)
    for path in paths:
        _refuse_unknown(path, parameters)

    def run(path: Path) -> Executed:
        executed = _execute(path, parameters, root)
        progress(f"notebook {path.stem}{': failed' if executed.failure else ''}")
        return executed

    with ThreadPoolExecutor(THREADS) as pool:
        return tuple(pool.map(run, paths))


def _refuse_unknown(path: Path, parameters: dict[str, str]) -> None:
    import papermill

    known = set(papermill.inspect_notebook(str(path)))
    unknown = sorted(set(parameters) - known)
    if unknown:
        raise Unusable(f"{path.name}: no parameter '{unknown[0]}'. It declares: {', '.join(sorted(known))}.")


def _execute(path: Path, parameters: dict[str, str], root: Path) -> Executed:
    import nbformat
    import papermill
    from papermill.exceptions import PapermillExecutionError

    failure = ""
    with tempfile.TemporaryDirectory(prefix="kit") as folder:
        output = Path(folder) / path.name
        try:
            papermill.execute_notebook(
                str(path),
                str(output),
                parameters,
                kernel_name="python3",
                progress_bar=False,
                start_timeout=PATIENCE,
                execution_timeout=TIMEOUT,
                resources={"metadata": {"path": str(root)}},
                extra_arguments=[QUIET],
                **_transport(folder),
            )
        except PapermillExecutionError as error:
            failure = f"cell {error.exec_count}: {error.ename}: {error.evalue}"
        except Exception as error:  # noqa: BLE001 - a kernel that dies must not take the other pages with it
            failure = f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}"
        source = output if output.exists() else path
        return Executed(path.stem, nbformat.read(source, as_version=4), failure)  # type: ignore[no-untyped-call]


def _transport(folder: str) -> dict[str, Any]:
    """Unix sockets in a short, private folder instead of TCP ports; Windows has none."""
    if sys.platform == "win32":
        return {}
    from jupyter_client.manager import AsyncKernelManager

    class SocketKernelManager(AsyncKernelManager):
        def __init__(self, **settings: Any) -> None:
            super().__init__(transport="ipc", ip=f"{folder}/k", **settings)

    return {"kernel_manager_class": SocketKernelManager}
