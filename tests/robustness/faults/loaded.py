"""What a run of the kit loads, loaded once: imported by the process that the runs under test are forked from.

As where a user's session looks after processes, those whose parent was killed come to it, not to the first of all: so a
kernel cannot tell by the number 1 that its run has gone.
"""

import ctypes
import sys
import warnings

import matplotlib.pyplot  # noqa: F401
import nbclient  # noqa: F401
import papermill  # noqa: F401

import helpers.anonymise
import helpers.commands
import helpers.compare
import helpers.diagnosis
import helpers.report.hand_out
import helpers.report.pages
import helpers.report.write
import helpers.request  # noqa: F401

ADOPT = 36  # PR_SET_CHILD_SUBREAPER of <sys/prctl.h>
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(ADOPT, 1)
    warnings.filterwarnings("ignore", "forkserver: waitpid")  # of those adopted
