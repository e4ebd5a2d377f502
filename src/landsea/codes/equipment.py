"""Transport equipment: container numbers (ISO 6346) and seal numbers (ISO 17712), in columns.

Real declarations name equipment that is no container of ISO 6346 (`AD12345`, a trailer's plate), and many a check digit
is wrong on paper only. These expressions tell what is so; how grave it is, the message profile says.
"""

import polars as pl

_FORM = r"^([A-Z]{3}[UJZ][0-9]{7})$"


def is_container(number: pl.Expr) -> pl.Expr:
    """Whether a number has the form of ISO 6346: three letters of the owner, U, J or Z, six digits, a check digit.

    Spaces and hyphens between the parts do not count. Null where the number is null.
    """
    return _compact(number).str.contains(_FORM)


def container_check_digit_holds(number: pl.Expr) -> pl.Expr:
    """Whether the last digit of a container number is the one that ISO 6346 Annex A computes from the rest.

    Null where the number has not the form of one. A remainder of ten is written 0.
    """
    characters = _compact(number).str.extract(_FORM).fill_null(_NONE).cast(pl.Binary)
    # in one batch, since Polars would read the characters anew for each of the eleven
    return characters.bin.reinterpret(dtype=pl.Array(pl.UInt8, 11)).map_batches(
        _holds, return_dtype=pl.Boolean, is_elementwise=True
    )


def _holds(characters: pl.Series) -> pl.Series:
    worth = _WORTH[characters.explode()].reshape((len(characters), 11))
    total = (worth * _WEIGHTS).arr.sum()
    return (total % _CHECK % 11 % 10 == total // _CHECK).set(total == 0, None)


_NONE = "\0" * 11  # stands for what has not the form, and is worth nothing
_CHECK = 2**16  # the weight of the check digit, more than all others together come to
_WEIGHTS = pl.Series([[*(2**at for at in range(10)), _CHECK]], dtype=pl.Array(pl.Int32, 11))
_WORTH = pl.Series(  # of each character: A is 10, and the multiples of 11 are left out: B 12, L 23, V 34
    [10 + at - 65 + (at - 65 + 9) // 10 if at >= 65 else max(at - 48, 0) for at in range(91)], dtype=pl.Int32
)


def is_plausible_seal(number: pl.Expr) -> pl.Expr:
    """Whether a seal could bear this number; null where the number is null.

    ISO 17712 wants each seal marked with an identifier of its own but gives it no form. Plausible are 3 to 20 letters
    and digits (an..20 in the Union's data annex), at least two of them digits, not all alike. NOSEAL is none.
    """
    compact = _compact(number)
    varied = compact.str.strip_chars_start(compact.str.slice(0, 1)) != ""
    return compact.str.contains(r"^[A-Z0-9/]{3,20}$") & (compact.str.count_matches("[0-9]") >= 2) & varied


def _compact(number: pl.Expr) -> pl.Expr:
    return number.str.to_uppercase().str.replace_all(r"[ \-]", "")
