"""Checking: establishing that a declaration is correctly made out and supported (RKC General Annex, chapter 3).

Doors: `check` (hop 2) and `catalogue` (all rules, as published in `schedules/landsea/rules.csv`).
"""
