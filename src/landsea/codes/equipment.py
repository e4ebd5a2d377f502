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
    characters = _compact(number).str.extract(_FORM).cast(pl.Binary).bin.reinterpret(dtype=pl.Array(pl.UInt8, 11))
    # in one batch, since Polars would read the characters anew for each of the eleven
    return characters.map_batches(_holds, return_dtype=pl.Boolean, is_elementwise=True)


def _holds(characters: pl.Series) -> pl.Series:
    def value(at: int) -> pl.Expr:
        code = pl.col(f"field_{at}").cast(pl.Int32)
        if at >= 4:
            return code - ord("0")
        letter = code - ord("A")
        return 10 + letter + (letter + 9) // 10  # A is 10, and the multiples of 11 are left out: B 12, L 23, V 34

    total = pl.sum_horizontal(*(value(at) * 2**at for at in range(10)), ignore_nulls=False)
    return characters.arr.to_struct().struct.unnest().select(total % 11 % 10 == value(10)).to_series()


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
