"""Law from the disk: the edition of a folder of schedules, the one shipped with the release or the operator's own."""

from importlib.resources import files
from pathlib import Path

from landsea.codes.edition import Edition, edition_of
from landsea.errors import InputError


def edition_in(folder: str = "", salt: bytes = b"") -> Edition:
    """The edition of the schedules in this folder; empty means those shipped with the release.

    The salt keeps risk profiles from being guessed from the commitment to them.

    Raises InputError, naming file and line, where they contradict their manifests.
    """
    place = Path(folder) if folder else _shipped()
    found = {
        path.relative_to(place).as_posix(): path.read_bytes() for path in sorted(place.glob("*/*.*")) if path.is_file()
    }
    if not found:
        raise InputError(f"{place} holds no schedules; each issuer's lie in a folder with a manifest.toml")
    return edition_of(found, salt)


def _shipped() -> Path:
    package = Path(str(files("landsea")))
    installed = package / "schedules"
    return installed if installed.is_dir() else package.parents[1] / "schedules"
