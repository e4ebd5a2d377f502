"""Risk: which declarations are controlled, how, and why; at random and by officers' profiles.

Doors: the modules `select` (hop 4), `sampling` (draws, seed commitment), `reasons` (by audience), `profile`
(predicates, trials), `law` (what an edition says on risk), `indicator` (what a profile may speak of).
"""
