"""The pack for a client's first data request: a workbook to fill, a cover note, an interview guide.

Glossary
    blank     a sheet named after a table of the contract: the header row and nothing else, so that intake reads it back
    example   one row of the sample company, on a sheet of its own and never in a blank
    unlocks   at which level of data a table first enters a sign's paths
"""

from helpers.request.pack import write_request

__all__ = ["write_request"]
