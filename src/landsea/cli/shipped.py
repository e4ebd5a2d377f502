"""What is shipped beside the code: the demonstration and the stand-alone verifier, in a wheel or in a checkout."""

from importlib.resources import files
from pathlib import Path

from landsea.errors import EnvironmentFault


def shipped(name: str) -> Path:
    """Where this folder lies. Raises EnvironmentFault where the installation lacks it."""
    package = Path(str(files("landsea")))
    for place in (package / name, package.parents[1] / name):
        if place.is_dir():
            return place
    raise EnvironmentFault(f"this installation has no folder {name!r}; install it again")
