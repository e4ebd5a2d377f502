"""Collecting: the administrations that release goods only once their duties are covered. All others trust the books."""

from functools import lru_cache

from landsea.codes.edition import Edition
from landsea.errors import InputError


@lru_cache(maxsize=16)
def collecting(edition: Edition) -> frozenset[str]:
    """The administrations that release only what is covered: duties paid or secured (`release = "covered"`)."""
    laws = edition.named("administration")
    if strange := sorted({str(law.get("release", "covered")) for law in laws.values()} - {"covered", "decided"}):
        raise InputError(f'administration.toml: release is "covered" or "decided", not {strange[0]!r}')
    return frozenset(issuer for issuer, law in laws.items() if law.get("release") == "covered")
