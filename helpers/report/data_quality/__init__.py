"""The page a client can act on: what came, what is wrong with it, what waits for it, and who can mend it.

Glossary
    fault     rows or cells of one column that broke one rule of the contract
    mend      something to put right, with the role that usually can
    steward   the role that usually keeps a table
"""

from helpers.report.data_quality.page import write_data_quality

__all__ = ["write_data_quality"]
