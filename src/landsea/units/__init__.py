"""Arithmetic of the law: money, mass, rounding and validity, exact and in columns.

Doors besides: the modules `measurement` and `validity`.
"""

from .money import MICRO, Range, coin, decimal_text, micro
from .rounding import ROUNDINGS, divide, to_places

__all__ = ["MICRO", "ROUNDINGS", "Range", "coin", "decimal_text", "divide", "micro", "to_places"]
