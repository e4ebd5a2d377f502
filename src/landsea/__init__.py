"""Landsea: the customs node of a trade corridor."""
