"""Vocabulary: code lists, identifiers and editions. Doors: its modules."""
