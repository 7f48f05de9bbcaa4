"""`plan.xlsx`: feasibility, scenarios, the decisions of one of them to be signed, rules and their replay."""

from helpers.report.plan_book.book import PLAN, plan_workbook

__all__ = ["PLAN", "plan_workbook"]
