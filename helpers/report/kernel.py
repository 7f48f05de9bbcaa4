"""The kernel of a run: ipykernel's, in the environment of the kit, without the port for output of forked processes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any


def main() -> None:
    """Serve one notebook over the sockets that the connection file names."""
    if Path(sys.path[0]) == Path.cwd():  # a module there must not pass for a library's; the notebook gets it back
        del sys.path[0]
    from ipykernel import kernelapp
    from ipykernel.iostream import IOPubThread

    def portless(socket: Any, *, session: Any, **_: Any) -> IOPubThread:
        return IOPubThread(socket, pipe=False, session=session)  # type: ignore[no-untyped-call]

    kernelapp.IOPubThread = portless  # type: ignore[assignment, attr-defined]
    kernelapp.launch_new_instance()


if __name__ == "__main__":
    main()
