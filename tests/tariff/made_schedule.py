"""A schedule and a declaration made to measure, so that a test states only what it is about."""

import datetime

from landsea.codes.edition import edition_of
from landsea.declaration.finding import findings_of, no_findings
from landsea.declaration.lot import lot_of
from landsea.declaration.stage import Checked, Known
from landsea.tariff import assess
from landsea.units import decimal_text, micro

TABLES = {
    "measures": "id direction code origin tax preference quota_order rate valid_from:date valid_to:date reference",
    "taxes": "tax name sequence:integer base inclusive:boolean deductions:boolean required:boolean reference",
    "country_groups": "group country",
    "exchange_rates": "currency per:integer rate:decimal valid_from:date valid_to:date reference",
    "charges": "type sign:integer name",
}
DAY = datetime.date(2026, 6, 1)


class Schedule:
    """A schedule in the making: each call adds a row; `edition` is the edition made of what was added."""

    def __init__(self, administration="XA", currency="XAC", places=2, rounding="half-up"):
        self.administration = administration
        self.settings = f'currency = "{currency}"\nplaces = {places}\nrounding = "{rounding}"\n'
        self.rows = {name: [] for name in TABLES}

    def measure(self, tax, rate, code="*", origin="ERGA OMNES", **more):
        usual = {"id": f"M{len(self.rows['measures']):03d}", "direction": "import", "valid_from": "2000-01-01"}
        self.rows["measures"].append(usual | {"tax": tax, "rate": rate, "code": code, "origin": origin} | more)
        return self

    def tax(self, code, base="value", **more):
        usual = {"inclusive": "false", "deductions": "false", "required": "true"}
        self.rows["taxes"].append(usual | {"tax": code, "base": base, "sequence": len(self.rows["taxes"])} | more)
        return self

    def rate(self, currency, per, rate, since="2000-01-01", until=""):
        row = {"currency": currency, "per": per, "rate": rate, "valid_from": since, "valid_to": until}
        self.rows["exchange_rates"].append(row)
        return self

    def group(self, name, *countries):
        self.rows["country_groups"] += [{"group": name, "country": country} for country in countries]
        return self

    def charge(self, kind, sign):
        self.rows["charges"].append({"type": kind, "sign": sign, "name": kind})
        return self

    def setting(self, line):
        self.settings += line + "\n"
        return self

    @property
    def edition(self):
        files, manifest = {f"{self.administration}/administration.toml": self.settings.encode()}, ""
        for name, rows in self.rows.items():
            columns = [c.partition(":") for c in TABLES[name].split()]
            lines = [",".join(c for c, _, _ in columns)]
            lines += [",".join(str(row.get(c, "")) for c, _, _ in columns) for row in rows]
            files[f"{self.administration}/{name}.csv"] = ("\n".join(lines) + "\n").encode()
            types = ", ".join(f'{c} = "{kind or "text"}"' for c, _, kind in columns)
            manifest += f'[tables.{name}]\nsource = "test"\nlicence = "none"\ndate = 2026-01-01\nrows = {len(rows)}\n'
            manifest += f"columns = {{ {types} }}\n"
        files[f"{self.administration}/manifest.toml"] = manifest.encode()
        return edition_of(files)


def _number(value):
    return None if value is None else micro(str(value))


def goods(items, administration="XA", kind="IMA", on=DAY, **declaration):
    """The lot of one declaration per item list; an item is a dict of what its columns hold, in plain figures. One that
    claims a preference brings a certificate of origin of the day.
    """
    flat = [(d, n, item) for d, group in enumerate(items) for n, item in enumerate(group, start=1)]
    d, n, given = [d for d, _, _ in flat], [n for _, n, _ in flat], [item for _, _, item in flat]
    i, one = list(range(len(flat))), [1] * len(flat)

    def column(name, usual=None):
        return [item.get(name, usual) for item in given]

    def numbers(name):
        return [_number(value) for value in column(name)]

    charges = [(d, i, *charge) for d, i, item in zip(d, i, given, strict=True) for charge in item.get("charges", ())]
    charges += [(0, None, *charge) for charge in declaration.pop("charges", ())]
    proofs = [one for one in zip(d, i, given, strict=True) if one[2].get("preference", "100") != "100"]
    count = len(items)
    return lot_of(
        {
            "declarations": {
                "d": list(range(count)),
                "body": list(range(count)),
                "message": ["declaration"] * count,
                "administration": [administration] * count,
                "type": [kind] * count,
                "applicable_on": [on] * count,
                **{name: [value] * count for name, value in declaration.items()},
            },
            "goods_items": {
                "d": d,
                "i": i,
                "n": n,
                "item_amount": numbers("amount"),
                "item_amount_currency": column("currency", "XAC"),
                **{kind: numbers(kind) for kind in ("net_mass", "gross_mass", "tariff_quantity")},
                **{f"{kind}_unit": column(f"{kind}_unit") for kind in ("net_mass", "gross_mass", "tariff_quantity")},
            },
            "classifications": {"d": d, "i": i, "n": one, "id": column("code", "081060"), "id_type": ["TSP"] * len(i)},
            "origins": {"d": d, "i": i, "n": one, "country": column("origin", "CN"), "type": ["1"] * len(i)},
            "procedures": {"d": d, "i": i, "n": one, "current": column("procedure", "40"), "previous": ["00"] * len(i)},
            "taxes": {
                "d": d,
                "i": i,
                "n": one,
                "type": column("tax"),
                "regime": column("preference", "100"),
                "quota_order": column("quota"),
                "deduct": numbers("deduct"),
                "specific_base": numbers("specific"),
                "specific_base_unit": column("specific_unit"),
            },
            "documents": {
                "d": [d for d, _, _ in proofs],
                "i": [i for _, i, _ in proofs],
                "n": [1] * len(proofs),
                "role": ["additional"] * len(proofs),
                "category": ["N"] * len(proofs),
                "type": [item.get("proof", "861") for _, _, item in proofs],
                "id": ["CO-1"] * len(proofs),
                "effective_at": [datetime.datetime.combine(on, datetime.time(), datetime.UTC)] * len(proofs),
            },
            "charges": {
                "d": [c[0] for c in charges],
                "i": [c[1] for c in charges],
                "n": [1] * len(charges),
                "type": [c[2] for c in charges],
                "amount": [_number(c[3]) for c in charges],
                "amount_currency": [c[4] for c in charges],
            },
        }
    )


def assessed(lot, edition):
    """The lot after hop 3, with nothing found before and nothing known."""
    return assess(Checked(lot, no_findings()), Known(), edition)


def amounts(stage, *columns):
    """The assessed amounts as text (None where unknown), each with the columns asked for, in order."""
    rows = stage.assessments.select(*columns, "amount").iter_rows()
    return [(*row[:-1], None if row[-1] is None else decimal_text(row[-1])) for row in rows]


def rules(stage):
    """The rules breached, each with its place."""
    return [(finding.rule, finding.where) for finding in findings_of(stage.findings)]
