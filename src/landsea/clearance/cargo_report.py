"""The cargo report as a carrier lodges it: transport means, place, time, and a line for each transport contract.

Members have the names of the WCO Data Model's cargo report (UN/CEFACT's are the same things): a consignment is a line.
A report is amended by one of a higher `VersionID` under the same reference; it says everything again, and a line that
it does not say is removed.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec

from landsea.errors import InputError
from landsea.units import micro

from .act import Refused
from .cargo import Name

Code = Annotated[str, msgspec.Meta(min_length=1, max_length=70, pattern=r"^[^\x00-\x1f\x7f]+$(?!\n)")]
Key = Annotated[str, msgspec.Meta(min_length=1, max_length=70, pattern=r"^[A-Za-z0-9._-]+$(?!\n)")]
Words = Annotated[str, msgspec.Meta(min_length=1, max_length=512, pattern=r"^[^\x00-\x1f\x7f]+$(?!\n)")]
Decimal = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,12}(\.[0-9]{1,6})?$(?!\n)")]
Count = Annotated[int, msgspec.Meta(ge=0, le=99_999_999)]


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """A class of the report; what is not a member of it is refused."""


class Numbered(Part, frozen=True):
    """What has an identifier."""

    id: Code = msgspec.field(name="ID")


class Named(Part, frozen=True):
    """A party by its name."""

    name: Words = msgspec.field(name="Name")


class Means(Part, frozen=True):
    """The means of transport that crosses the border: its mode (Recommendation 19), its identity, its journey."""

    mode: Annotated[str, msgspec.Meta(pattern=r"^[1-9]$(?!\n)")] = msgspec.field(name="ModeCode")
    id: Code = msgspec.field(name="ID")
    journey: Code | None = msgspec.field(name="JourneyID", default=None)


class Place(Part, frozen=True):
    """Where and when it is expected."""

    id: Code = msgspec.field(name="ID")
    arrives: Annotated[datetime, msgspec.Meta(tz=True)] | None = msgspec.field(name="ArrivalDateTime", default=None)


class Consignment(Part, frozen=True):
    """A line: goods under one transport contract."""

    contract: Numbered | None = msgspec.field(name="TransportContractDocument", default=None)
    ucr: Numbered | None = msgspec.field(name="UCR", default=None)
    previous: Numbered | None = msgspec.field(name="PreviousDocument", default=None)  # the declaration, by its MRN
    equipment: Annotated[list[Numbered], msgspec.Meta(max_length=200)] = msgspec.field(
        name="TransportEquipment", default=[]
    )
    packages: Count | None = msgspec.field(name="TotalPackageQuantity", default=None)
    gross_mass: Decimal | None = msgspec.field(name="TotalGrossMassMeasure", default=None)  # kilograms
    description: Words | None = msgspec.field(name="CargoDescription", default=None)
    consignor: Named | None = msgspec.field(name="Consignor", default=None)
    consignee: Named | None = msgspec.field(name="Consignee", default=None)

    def names(self) -> Iterator[Name]:
        """By which the goods may be known."""
        single = (("mrn", self.previous), ("ucr", self.ucr), ("waybill", self.contract))
        yield from ((kind, one.id) for kind, one in single if one)
        yield from (("container", one.id) for one in self.equipment)

    def mass(self) -> int | None:
        """The gross mass in millionths of a kilogram."""
        return None if self.gross_mass is None else micro(self.gross_mass)


class Report(Part, frozen=True):
    """A cargo report."""

    reference: Key = msgspec.field(name="FunctionalReferenceID")
    means: Means = msgspec.field(name="BorderTransportMeans")
    place: Place = msgspec.field(name="UnloadingLocation")
    lines: Annotated[list[Consignment], msgspec.Meta(min_length=1, max_length=5_000)] = msgspec.field(
        name="Consignment"
    )
    version: Annotated[int, msgspec.Meta(ge=1, le=9_999)] = msgspec.field(name="VersionID", default=1)


COLUMNS: Final = (
    *("reference", "version", "mode", "means", "voyage", "place", "expected"),
    *("waybill", "ucr", "mrn", "containers", "packages", "gross_mass", "description", "consignor", "consignee"),
)
"""The columns of a report as a table, a row for each line; the first seven are those of the report, in every row."""


def checked(report: Report) -> Report:
    """The report, where each line has a name. Raises Refused where nothing could ever find one."""
    for number, line in enumerate(report.lines, start=1):
        if not any(line.names()):
            raise Refused("content", f"line {number} has no transport document, UCR, container or MRN to be known by")
    return report


def reports(rows: Iterable[Mapping[str, str]]) -> list[Report]:
    """The reports in the rows of a table, in the order of their first rows. Raises InputError, naming the row."""
    found: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(rows, start=2):
        if missing := [name for name in COLUMNS if name not in row]:
            raise InputError(f"the table of a cargo report has no column {missing[0]}; it has {', '.join(row)}")
        cells = {name: (row[name] or "").strip() for name in COLUMNS}
        head = _head(cells)
        known = found.setdefault(cells["reference"], {**head, "Consignment": []})
        if {name: known[name] for name in head} != head:
            raise InputError(f"row {number} says other things of report {cells['reference']} than the rows before it")
        known["Consignment"].append(_line(cells))
    try:
        return [checked(msgspec.convert(one, Report, strict=False)) for one in found.values()]
    except (msgspec.ValidationError, Refused) as error:
        raise InputError(f"the table is no cargo report: {error}") from None


def _head(cells: Mapping[str, str]) -> dict[str, Any]:
    means = {"ModeCode": cells["mode"], "ID": cells["means"], "JourneyID": cells["voyage"]}
    place = {"ID": cells["place"], "ArrivalDateTime": cells["expected"]}
    head = {"FunctionalReferenceID": cells["reference"], "VersionID": cells["version"] or "1"}
    return head | {"BorderTransportMeans": _stated(means), "UnloadingLocation": _stated(place)}


def _line(cells: Mapping[str, str]) -> dict[str, Any]:
    numbered = {"TransportContractDocument": "waybill", "UCR": "ucr", "PreviousDocument": "mrn"}
    line: dict[str, Any] = {name: {"ID": cells[column]} for name, column in numbered.items() if cells[column]}
    line["TransportEquipment"] = [{"ID": one} for one in cells["containers"].split()]
    parties = (("Consignor", "consignor"), ("Consignee", "consignee"))
    line |= {name: {"Name": cells[column]} for name, column in parties if cells[column]}
    plain = ("packages", "TotalPackageQuantity"), ("gross_mass", "TotalGrossMassMeasure")
    return line | _stated({name: cells[column] for column, name in (*plain, ("description", "CargoDescription"))})


def _stated(members: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in members.items() if value}
