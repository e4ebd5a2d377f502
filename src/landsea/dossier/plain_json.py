"""JSON read so that two readers cannot differ: UTF-8, one document, no name twice, no NaN, no lone surrogate."""

import json
from typing import Any, Final, NoReturn

from landsea.errors import InputError

LARGEST: Final = 64_000_000


def read(document: bytes) -> Any:
    """The value of the document. Raises InputError, saying why, where it is not plain JSON."""
    if len(document) > LARGEST:
        raise InputError(f"the document has more than {LARGEST} bytes")
    try:
        value = json.loads(document.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number)
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except RecursionError:
        raise InputError("the document is nested too deeply") from None
    except ValueError as error:
        raise InputError(f"the document is not plain JSON: {error}") from error
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return read


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number")
