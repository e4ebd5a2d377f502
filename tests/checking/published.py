"""Where the catalogue is published, and how it is written there: `python tests/checking/published.py`."""

import pathlib
import re

from landsea.checking.catalogue import published

FOLDER = pathlib.Path(__file__).parents[2] / "schedules" / "landsea"


def publish() -> None:
    """`rules.csv` is the catalogue word for word, and the manifest asserts its number of rows."""
    rules = published()
    rules.write_csv(FOLDER / "rules.csv")
    manifest = FOLDER / "manifest.toml"
    manifest.write_text(re.sub(r"(?<=\nrows = )\d+", str(rules.height), manifest.read_text("utf-8"), count=1), "utf-8")


if __name__ == "__main__":
    publish()
