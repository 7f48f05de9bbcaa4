"""Draws what a sign asked for; the only room that imports the plotting libraries.

Glossary
    chart     the declared value of a sign (`evidence.Chart`): rows and which columns to show, no drawing
    picture   a drawn chart: SVG, alternative text and caption, which shows itself as an HTML `<figure>`
    calendar  signs × cycles as an HTML table, the status told by letter and shape as well as colour
"""

from helpers.charts.calendar import calendar_html, legend_html
from helpers.charts.draw import draw_chart
from helpers.charts.picture import Picture
from helpers.charts.service import draw_service
from helpers.charts.spark import spark

__all__ = ["Picture", "calendar_html", "draw_chart", "draw_service", "legend_html", "spark"]
