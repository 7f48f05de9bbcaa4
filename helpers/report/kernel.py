"""`python -m helpers.report.kernel`: the kernel of a run, without the port on which kernels await forked processes.

Whatever name a notebook gives its kernel, it runs in the environment of the kit.
"""

from __future__ import annotations

import sys
from typing import Any

from ipykernel import kernelapp
from ipykernel.iostream import IOPubThread

COMMAND = [sys.executable, "-m", "helpers.report.kernel", "-f", "{connection_file}"]


def portless(socket: Any, *, session: Any, **_: Any) -> IOPubThread:
    """What sends a kernel's output; no cell of the kit forks, so that nothing is lost."""
    return IOPubThread(socket, pipe=False, session=session)  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    kernelapp.IOPubThread = portless  # type: ignore[assignment, attr-defined]
    kernelapp.launch_new_instance()
