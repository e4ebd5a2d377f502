"""Clearance: the order of things from a lodged lot to decisions, and from a commit to receipts.

Doors: `pipeline.clear` (start reading there), `decide`, `state` (the life of a declaration), `answer`, `records` (what
a decision leaves behind), `committed` and `receipt`.
"""
