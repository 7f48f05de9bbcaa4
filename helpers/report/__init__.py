"""Runs the notebooks, stitches their pages and writes the report.

Glossary
    cells     what the notebooks call: open the data, examine a sign, show its card, draw its charts
    card      a finding as an HTML fragment, the same in a notebook and in the report
    fragment  the HTML that one cell of an executed notebook gave
    page      `report.html`: one file, no script, no request to anywhere
    hand-out  what is written beside the page where it is asked for: `slides.pptx`, `report.pdf`
"""
