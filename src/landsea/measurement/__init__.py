"""Measurement: what the records of a node tell of its own work and of the corridor, in exact figures.

Door: `release_time`.
"""
