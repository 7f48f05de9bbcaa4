"""Judgement, the same for every sign: breach, confirmation, persistence, trend, strength, drivers, cause."""
