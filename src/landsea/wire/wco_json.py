"""JSON twin (in work)."""

from typing import Any

from .limits import Limits
from .sniff import Fault


def parse(body: bytes, limits: Limits) -> Any:
    """Not yet."""
    return Fault("WIR-009", "", "JSON is not read yet")
