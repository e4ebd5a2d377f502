"""A pledge: an instrument of security as it bears on an act: whose it is, who answers for it, until when."""

from datetime import date
from typing import NamedTuple


class Pledge(NamedTuple):
    """An instrument as registered. Nothing is reserved on it after its last day; amounts stand on its accounts."""

    name: str
    form: str
    holder: str
    guarantor: str
    currency: str
    last_day: date
