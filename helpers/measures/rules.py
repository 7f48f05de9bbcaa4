"""Trade-off rules: which of the situations T1 to T8 each one speaks of, and since when it is in force."""

from __future__ import annotations

import re

import pandas as pd

from helpers.engagement import Engagement
from helpers.measures.vocabulary import longest_match
from helpers.settings import Settings

CODE = re.compile(r"\bT[1-8]\b", re.IGNORECASE)


def situations_named(text: str, settings: Settings) -> list[str]:
    """The situations a text speaks of: the codes written in it (`T3`), else those whose words it uses.

    The words are those of `situation_words` in the settings.
    """
    written = sorted({code.upper() for code in CODE.findall(text)})
    return written or [code for code, words in settings.words_of_situations.items() if longest_match(text, words)]


def rules_by_situation(engagement: Engagement) -> pd.DataFrame:
    """Rules known on the as-of date, one row per `rule_id` and situation `code` it speaks of.

    Returns
    -------
    `effective_from` (missing: always in force) and `has_order`, whether the rule says what goes before what. Rules
    whose situation and identifier name none of the eight are left out.
    """
    rules = engagement.table("decision_rules")
    rows = engagement.frame(rules.select("rule_id", "situation", "priority_order", "effective_from"))
    said = rows["rule_id"].fillna("") + " " + rows["situation"].fillna("")
    named = rows.assign(
        code=said.map(lambda text: situations_named(text, engagement.settings)),
        has_order=rows["priority_order"].fillna("").str.strip() != "",
    )
    return named.explode("code").dropna(subset=["code"])[["rule_id", "code", "effective_from", "has_order"]]


def owners_by_situation(engagement: Engagement) -> dict[str, str]:
    """Who owns the latest rule for each situation `code`; situations without an owner are left out."""
    rules = engagement.table("decision_rules")
    owners = engagement.frame(rules.select("rule_id", "owner")).dropna()
    rows = rules_by_situation(engagement).merge(owners, on="rule_id", validate="many_to_one")
    latest = rows.sort_values(["effective_from", "rule_id"], na_position="first").drop_duplicates("code", keep="last")
    return dict(zip(latest["code"], latest["owner"], strict=True))
