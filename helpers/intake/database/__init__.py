"""Intake where the data are: the contract's rules as expressions that a database evaluates on its own tables.

Each table is judged in one pass that brings back counts only; what was set aside, which is little, is listed in
`rejects/`. Nothing is copied: the typed rows stay an expression over the client's table.
"""

from helpers.intake.database.take import take_in_database

__all__ = ["take_in_database"]
