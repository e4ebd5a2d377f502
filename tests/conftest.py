"""What every test may use: the edition the project ships, and where material that nobody here wrote may lie."""

import pathlib

import pytest
from hypothesis import HealthCheck, settings

from landsea.codes.edition import Edition, edition_of

# machines are shared and noisy: a slow example is no fault, and a run must fail or pass the same way again
settings.register_profile("house", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

pytest_plugins = ["databases"]  # settings of a node on an empty database of each kind

ROOT = pathlib.Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
needs_shared = pytest.mark.skipif(
    not (SHARED / "samples").is_dir(), reason="needs the outside samples and vectors beside the checkout, in ../shared"
)


def schedule_files() -> dict[str, bytes]:
    """Every file of `schedules/`, addressed `issuer/name.ext`."""
    folder = ROOT / "schedules"
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.glob("*/*.*"))}


@pytest.fixture(scope="session")
def edition() -> Edition:
    """The law and reference data shipped with the project."""
    return edition_of(schedule_files())
