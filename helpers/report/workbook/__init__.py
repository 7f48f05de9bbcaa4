"""`evidence.xlsx`: from each number of the report to the rows behind it.

Glossary
    block     a title and rows of one kind, as an Excel table
    picture   a native chart, drawn by Excel from the rows of a block
    contents  the words, blocks and pictures of one sheet
"""

from helpers.report.workbook.book import EVIDENCE, evidence_workbook, sheet_names

__all__ = ["EVIDENCE", "evidence_workbook", "sheet_names"]
