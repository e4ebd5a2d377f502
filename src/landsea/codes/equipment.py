"""Transport equipment: container numbers (ISO 6346) and seal numbers (ISO 17712), in columns.

Real declarations name equipment that is no container of ISO 6346 (`AD12345`, a trailer's plate), and many a check digit
is wrong on paper only. These expressions tell what is so; how grave it is, the message profile says.
"""

import polars as pl

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

# ISO 6346 Annex A: letters count 10 to 38 without the multiples of 11, digits as themselves, position n weighs 2^n.
_VALUES = {str(n): n for n in range(10)} | dict(zip(_LETTERS, (n for n in range(10, 39) if n % 11), strict=True))


def is_container(number: pl.Expr) -> pl.Expr:
    """Whether a number has the form of ISO 6346: three letters of the owner, U, J or Z, six digits, a check digit.

    Spaces and hyphens between the parts do not count. Null where the number is null.
    """
    return _compact(number).str.contains(r"^[A-Z]{3}[UJZ][0-9]{7}$")


def container_check_digit_holds(number: pl.Expr) -> pl.Expr:
    """Whether the last digit of a container number is the one ISO 6346 Annex A computes; null where it has not the
    form of one. A remainder of ten is written 0."""
    compact = _compact(pl.when(is_container(number)).then(number))
    total = pl.sum_horizontal(
        *(
            compact.str.slice(at, 1).replace_strict(_VALUES, default=None, return_dtype=pl.Int32) * 2**at
            for at in range(10)
        ),
        ignore_nulls=False,
    )
    return total % 11 % 10 == compact.str.slice(10, 1).cast(pl.Int32, strict=False)


def is_plausible_seal(number: pl.Expr) -> pl.Expr:
    """Whether a seal could bear this number: ISO 17712 (5.1) wants each seal marked with an identifier of its own, but
    gives it no form.

    True for 3 to 20 letters, digits and hyphens (the standard's own bar-code limit) of which at least two are digits, not
    all alike. Words such as NOSEAL say that there is none. Null where the number is null.
    """
    compact = _compact(number)
    digits = compact.str.extract_all("[0-9]").list.len()
    different = compact.str.split("").list.n_unique() > 1
    return compact.str.contains(r"^[A-Z0-9/]{3,20}$") & (digits >= 2) & different


def _compact(number: pl.Expr) -> pl.Expr:
    return number.str.to_uppercase().str.replace_all(r"[ \-]", "")
