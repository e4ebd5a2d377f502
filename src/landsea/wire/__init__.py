"""Messages in and out: what arrives becomes rows and findings, what leaves is written from trees."""

from . import response
from .amend import amend
from .build import tree_of
from .read import read
from .split import split, unpack
from .write import write

__all__ = ["amend", "read", "response", "split", "tree_of", "unpack", "write"]
