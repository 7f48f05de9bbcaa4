"""The kernel a run executes its notebooks in: ipykernel's, without the port it opens for output of forked processes."""

from __future__ import annotations

import sys
from pathlib import Path


def main() -> None:
    """Serve one notebook over the sockets that the connection file names."""
    if Path(sys.path[0]) == Path.cwd():  # a module there must not pass for a library's; the notebook gets it back
        del sys.path[0]
    from ipykernel import kernelapp
    from ipykernel.iostream import IOPubThread

    class NoPort(IOPubThread):
        def _setup_pipe_in(self) -> None:
            self._pipe_flag = False

    kernelapp.IOPubThread = NoPort  # type: ignore[attr-defined]
    kernelapp.launch_new_instance()


if __name__ == "__main__":
    main()
