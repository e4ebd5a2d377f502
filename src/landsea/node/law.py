"""Law from the disk: the edition of a folder of schedules, the one shipped with the release or the operator's own."""

import tomllib
from importlib.resources import files
from pathlib import Path

from landsea.clearance import agency, establishment
from landsea.codes.edition import Edition, edition_of
from landsea.errors import InputError
from landsea.tariff import measure

from .settings import Settings


def edition_in(folder: str = "", salt: bytes = b"") -> Edition:
    """The edition of the schedules in this folder; empty means those shipped with the release.

    The salt keeps risk profiles from being guessed from the commitment to them.

    Raises InputError, naming file and line, where they contradict their manifests, BuildFault where the law in them
    does not hold together.
    """
    place = _place(folder)
    found = {
        path.relative_to(place).as_posix(): path.read_bytes() for path in sorted(place.glob("*/*.*")) if path.is_file()
    }
    if not found:
        raise InputError(f"{place} holds no schedules; each issuer's lie in a folder with a manifest.toml")
    edition = edition_of(found, salt)
    for verified in (measure.verify, agency.verify, establishment.verify):
        verified(edition)
    return edition


def refuse_unknown(settings: Settings) -> None:
    """The schedules know the administration and the message profile of these settings.

    Raises InputError, naming all that they do not know and what there is instead.
    """
    place = _place(settings.schedules)
    administrations = [path.parent.name for path in sorted(place.glob("*/administration.toml"))]
    try:
        profiles = list(tomllib.loads((place / "landsea/message_profiles.toml").read_text("utf-8")))
    except OSError as error:
        raise InputError(f"{place} holds no landsea/message_profiles.toml: {error.strerror}") from error
    faults = [
        f"{name} {value!r} is unknown; known: {', '.join(known)}"
        for name, value, known in (
            ("administration", settings.administration, administrations),
            ("message_profile", settings.message_profile, profiles),
        )
        if value not in known
    ]
    if faults:
        raise InputError("; ".join(faults))


def _place(folder: str) -> Path:
    return Path(folder) if folder else _shipped()


def _shipped() -> Path:
    package = Path(str(files("landsea")))
    installed = package / "schedules"
    return installed if installed.is_dir() else package.parents[1] / "schedules"
