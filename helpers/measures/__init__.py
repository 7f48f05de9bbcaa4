"""Formulas by subject: Ibis expressions reduce the big tables to small pandas frames. No limits, no charts, no files."""
