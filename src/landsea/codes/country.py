"""Countries and currencies: ISO 3166-1 alpha-2 and ISO 4217, and the codes trade uses beside them.

ISO leaves AA, QM to QZ, XA to XZ and ZZ to its users. Customs unions fill some (XK Kosovo, XI Northern Ireland, QR
stores and provisions); these stand as data in the table `country_codes` of the edition, each with who assigned it.
"""

from functools import cache, lru_cache
from typing import Any

from .edition import Edition


@cache
def countries() -> frozenset[str]:
    """The officially assigned alpha-2 codes of ISO 3166-1."""
    import pycountry

    return frozenset(country.alpha_2 for country in pycountry.countries)


@lru_cache(maxsize=8)
def country_codes(edition: Edition) -> frozenset[str]:
    """The codes a declaration may name as a country: the official ones and those the edition adds."""
    return countries() | frozenset(edition.table("country_codes")["code"])


@cache
def currencies() -> frozenset[str]:
    """The alphabetic codes of ISO 4217 that money can be owed in: no metals, funds, bonds or testing codes.

    XAF, XCD, XOF, XPF and XCG are currencies although their X stands where a country would.
    """
    import pycountry

    shared = {"XAF", "XCD", "XCG", "XOF", "XPF"}
    codes = {currency.alpha_3 for currency in pycountry.currencies}
    return frozenset(code for code in codes if not code.startswith("X") or code in shared)


@cache
def country_name(code: str, language: str) -> str:
    """The country's name in that language (`lo`, `zh_Hant` …); the code itself where none is known."""
    return str(_locale(language).territories.get(code, code))


@cache
def currency_name(code: str, language: str) -> str:
    """The currency's name in that language; the code itself where none is known."""
    return str(_locale(language).currencies.get(code, code))


@cache
def _locale(language: str) -> Any:
    from babel import Locale

    return Locale.parse(language)
