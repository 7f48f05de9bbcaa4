"""The kernel of a run: ipykernel's, in the environment of the kit, without the port for output of forked processes."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from threading import Thread
from typing import Any

PARENT = "JPY_PARENT_PID"  # under which a kernel manager tells a kernel who started it
PAUSE = 1.0


def main() -> None:
    """Serve one notebook over the sockets that the connection file names, as long as the run lives."""
    if sys.platform != "win32" and PARENT in os.environ:
        Thread(target=_end_with, args=(int(os.environ[PARENT]),), daemon=True).start()
    if Path(sys.path[0]) == Path.cwd():  # a module there must not pass for a library's; the notebook gets it back
        del sys.path[0]
    from ipykernel import kernelapp
    from ipykernel.iostream import IOPubThread

    def portless(socket: Any, *, session: Any, **_: Any) -> IOPubThread:
        return IOPubThread(socket, pipe=False, session=session)  # type: ignore[no-untyped-call]

    kernelapp.IOPubThread = portless  # type: ignore[assignment, attr-defined]
    kernelapp.launch_new_instance()


def _end_with(run: int) -> None:
    """Ipykernel waits for process 1 to take it over if the run ends while it starts; in a session another one does."""
    while os.getppid() == run:
        time.sleep(PAUSE)
    os._exit(1)


if __name__ == "__main__":
    main()
