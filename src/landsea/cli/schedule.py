"""`landsea schedule`: a national tariff sheet becomes measures of a schedule: looked at, compared, written.

The layout is one known here or a file of its own form. Nothing is written where a line of the sheet has a fault, or
where the schedule would not hold together afterwards.
"""

import os
import tempfile
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from landsea.errors import InputError

if TYPE_CHECKING:
    import polars as pl

    from landsea.codes.layout import Layout
    from landsea.codes.tariff_sheet import Reading

schedule = typer.Typer(
    name="schedule", help="National tariff sheets: look, compare, import them.", no_args_is_help=True
)

Sheet = Annotated[Path, typer.Argument(metavar="FILE", help="The sheet: .xlsx, CSV or text of fixed width.")]
Laid = Annotated[str, typer.Option("--layout", metavar="NAME", help="vn, th, or a layout file of your own.")]
Into = Annotated[Path, typer.Option("--into", metavar="FOLDER", help="The schedule: a folder with a manifest.toml.")]
Since = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="Day the sheet takes effect; what was law before stays law until then."),
]
Shown = Annotated[int, typer.Option("--shown", min=0, help="How many faults or changes to list.")]
Whole = Annotated[bool, typer.Option("--whole", help="The sheet is the whole tariff: rates it does not name end.")]
Said = Annotated[str, typer.Option("--source", metavar="TEXT", help="Where the sheet comes from, for the manifest.")]


@schedule.command()
def preview(file: Sheet, layout: Laid, since: Since = None, shown: Shown = 20) -> None:
    """Say what an import would bring: measures of each regime, what is passed over, and the first faults.

    The exit code is 1 where there are faults.
    """
    read = _read(file, layout, _day(since))
    titles = {(r.direction, r.tax, r.preference or None): r.title for r in read.regimes}
    counts = Counter(titles[row] for row in read.measures.select("direction", "tax", "preference").iter_rows())
    for title in titles.values():
        typer.echo(f"{counts[title]:>8}  {title}")
    typer.echo(f"{read.measures.height:>8}  measures of {read.measures['code'].n_unique()} codes")
    for why, count in read.passed.most_common():
        typer.echo(f"{count:>8}  passed over: {why}")
    for fault in read.faults[:shown]:
        typer.echo(str(fault))
    typer.echo(f"{read.faulty} faults" + (f", {shown} shown" if read.faulty > shown else ""))
    if read.faulty:
        raise typer.Exit(1)


@schedule.command()
def diff(file: Sheet, layout: Laid, into: Into, since: Since = None, shown: Shown = 50) -> None:
    """List every rate the import would add, remove or change in a schedule, with the old and the new."""
    from landsea.codes.tariff_change import difference

    change = _changed(file, layout, into, _day(since))
    rows = difference(change.present, change.afterwards, change.on)
    for row in rows.head(shown).iter_rows(named=True):
        regime = f"{row['tax']} {row['preference'] or 'general'} {row['origin']}"
        rates = [rate for rate in (row["was"], row["is"]) if rate is not None]
        export = "export " if row["direction"] == "export" else ""
        typer.echo(f"{row['change']:<8} {export}{row['code']} {regime}: {' -> '.join(rates)}")
    counts = Counter(rows["change"].to_list())
    told = ", ".join(f"{counts[kind]} {kind}" for kind in ("added", "removed", "changed"))
    typer.echo(f"{told} on {change.on}" + (f"; {shown} shown" if rows.height > shown else ""))


@schedule.command("import")
def imported(  # noqa: PLR0913, PLR0917 - each is an option of the command
    file: Sheet, layout: Laid, into: Into, since: Since = None, whole: Whole = False, source: Said = ""
) -> None:
    """Write the measures into a schedule, with its manifest; regimes that the sheet does not speak of stay."""
    from landsea.codes.edition import edition_of
    from landsea.codes.tariff_change import Source, difference, files_of
    from landsea.tariff import verify

    change = _changed(file, layout, into, _day(since))
    ends = difference(change.present, change.afterwards, change.on).filter(change="removed").height
    if ends and not whole:
        raise InputError(
            f"{file} does not name {ends} rates that {into} has in the same regimes; "
            "look at them with `schedule diff`, then add --whole if they are to end"
        )
    stated = Source(source or file.name, "as its publisher grants", change.on)
    new = files_of(change.afterwards, (into / "manifest.toml").read_bytes(), stated)
    held = {f"{into.name}/{name}": content for name, content in (change.files | new).items()}
    verify(edition_of(held))
    _replace(into, new)
    ended = f"; {ends} rates end on {change.on}" if ends else ""
    typer.echo(f"{into}: {change.afterwards.height} measures, of them {change.fresh} from {file.name}{ended}")


class _Change(NamedTuple):
    """A schedule before and after an import, the day of comparison, and how many measures the sheet gave."""

    files: dict[str, bytes]
    present: "pl.DataFrame"
    afterwards: "pl.DataFrame"
    on: date
    fresh: int


def _day(given: datetime | None) -> date | None:
    return given.date() if given else None


def _layout(name: str) -> "Layout":
    from landsea.codes.layout import known_layout, layout_of

    if name.endswith(".toml"):
        return layout_of(_content(Path(name)).decode("utf-8", "replace"), name)
    return known_layout(name)


def _read(file: Path, layout: str, since: date | None) -> "Reading":
    """What the sheet holds. Raises InputError, naming the file, where it cannot be read under the layout."""
    from landsea.codes.tariff_sheet import read_tariff
    from landsea.wire.sheet import rows

    laid = _layout(layout)
    try:
        return read_tariff(rows(_content(file), laid.shape, laid.encoding), laid, since)
    except InputError as error:
        raise InputError(f"{file}: {error}") from error


def _content(file: Path) -> bytes:
    from landsea.wire.sheet import DEFAULT

    try:
        with file.open("rb") as opened:
            return opened.read(DEFAULT.bytes + 1)
    except OSError as error:
        raise InputError(f"{file}: {error.strerror or error}") from error


def _changed(file: Path, layout: str, into: Path, since: date | None) -> _Change:
    """The schedule in this folder before and after. Raises InputError where the sheet has a fault."""
    import polars as pl

    from landsea.codes.edition import edition_of
    from landsea.codes.tariff_change import merged, shaped

    if not (into / "manifest.toml").is_file():
        raise InputError(f"{into}: there is no manifest.toml; a schedule is a folder with one")
    of = _layout(layout).administration
    if of and of != into.resolve().name:
        raise InputError(
            f"the layout {layout} is of {of}, the folder is {into.resolve().name}; name the schedule of {of}"
        )
    files = {path.name: path.read_bytes() for path in sorted(into.glob("*.*")) if path.suffix in (".csv", ".toml")}
    tables = edition_of({f"{into.name}/{name}": content for name, content in files.items()}).tables
    present = shaped(tables.get("measures", pl.DataFrame()))
    read = _read(file, layout, since)
    if read.faulty:
        raise InputError(f"{file}: {read.faulty} faults, so nothing is taken; the first: {read.faults[0]}")
    afterwards = merged(present, read.measures, read.regimes, since)
    # without a day of its own the sheet is compared as of the last rate it states
    latest = read.measures["valid_from"].max()
    on = since or (latest if isinstance(latest, date) else date.min)
    return _Change(files, present, afterwards, on, read.measures.height)


def _replace(folder: Path, new: dict[str, bytes]) -> None:
    """Each file holds its new content or still the old, never a part. The table comes first: what is torn between
    the two is refused by the row count of the manifest."""
    written: list[tuple[str, Path]] = []
    try:
        for name, content in new.items():
            handle, place = tempfile.mkstemp(dir=folder, prefix=f".{name}.")
            written.append((place, folder / name))
            with os.fdopen(handle, "wb") as opened:
                opened.write(content)
                opened.flush()
                os.fsync(handle)
        for place, target in written:
            Path(place).chmod(0o644)
            Path(place).replace(target)
    finally:
        for place, _ in written:
            Path(place).unlink(missing_ok=True)
