"""Papers: release note, examination order and gate pass, as data and as A4 sheets in black and white."""

from .content import PAPERS, Absent, Issuer, Paper, issuer_of, paper

__all__ = ["PAPERS", "Absent", "Issuer", "Paper", "issuer_of", "paper"]
