"""What a run of the kit loads, loaded once: imported by the process that the runs under test are forked from."""

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
