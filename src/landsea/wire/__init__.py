"""Messages in and out: what arrives becomes rows and findings, what leaves is written from trees."""

from .read import read
from .write import write

__all__ = ["read", "write"]
