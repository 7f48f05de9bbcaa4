"""Formulas by subject: Ibis expressions reduce big tables to small pandas frames. No limits, no charts, no files."""
