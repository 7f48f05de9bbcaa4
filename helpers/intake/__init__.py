"""Reads what the client sent, checks every row against the contract, sets bad rows aside, stores typed Parquet.

Glossary
    source      the file, sheet or database table that holds one table of the contract
    layout      which column of the source feeds which column of the contract
    set aside   a row (or a whole table) that is not used; every fault is listed in `rejects/<table>.csv`
    emptied     a cell of an optional column that broke a rule; its row is used
    not sent    a table that is missing or has no rows; a column that is missing
"""

from helpers.intake.intake import Line, describe, fingerprint, is_whole, take_in

__all__ = ["Line", "describe", "fingerprint", "is_whole", "take_in"]
