"""The slides of a run: a deck of native charts and tables that can be edited, in the words of the page.

Glossary
    look    what all slides of a client share: accent, footer, logo, the date that stands in every file
    page    one slide with its title; everything on it is placed in inches
    box     where on a slide something stands
    line    one series of a native chart
"""

from helpers.report.slides.deck import SLIDES, deck, write_slides

__all__ = ["SLIDES", "deck", "write_slides"]
