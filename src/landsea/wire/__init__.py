"""Messages in and out: what arrives becomes rows and findings, what leaves is written from trees."""

from . import response
from .amend import amend
from .build import tree_of
from .read import read
from .rule import RULES
from .split import split
from .write import write

__all__ = ["RULES", "amend", "read", "response", "split", "tree_of", "write"]
