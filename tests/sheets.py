"""Sheets made by the tests: workbooks cell by cell, and lines of fixed width place by place."""

import io
import zipfile
from xml.sax.saxutils import escape

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
STYLES = """<numFmts count="1"><numFmt numFmtId="164" formatCode="dd/mm/yyyy;@"/></numFmts>
<cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="10"/><xf numFmtId="2"/></cellXfs>"""
PLAIN, DAY, SHARE = 0, 1, 2


class Cell(str):
    """The inside of a cell with the attributes written before it."""

    __slots__ = ("attributes",)

    def __new__(cls, inside, attributes=""):
        cell = super().__new__(cls, inside)
        cell.attributes = attributes
        return cell


def number(value, style=PLAIN):
    """A number as a workbook keeps it."""
    return Cell(f"<v>{value}</v>", f's="{style}"')


def shared(index):
    """A string kept beside the sheet."""
    return Cell(f"<v>{index}</v>", 't="s"')


def formula(kept=None):
    """A formula with the value last seen in it."""
    return Cell("<f>1+1</f>" + ("" if kept is None else f"<v>{kept}</v>"))


def letters(column):
    """The letters of a column, from 0."""
    return (letters(column // 26 - 1) if column >= 26 else "") + chr(65 + column % 26)


def sheet(rows, first=1):
    """The XML of a sheet; a text is a string in the cell, None is no cell."""
    lines = []
    for line, row in enumerate(rows, start=first):
        cells = []
        for column, cell in enumerate(row):
            if cell is None:
                continue
            made = cell if isinstance(cell, Cell) else Cell(f"<is><t>{escape(cell)}</t></is>", 't="inlineStr"')
            cells.append(f'<c r="{letters(column)}{line}" {made.attributes}>{made}</c>')
        lines.append(f'<row r="{line}">{"".join(cells)}</row>')
    return f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>'


def workbook(rows, strings=(), **parts):
    """The bytes of an .xlsx with this one sheet; `parts` stand for members by their last name without ending."""
    made = {
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>'
        '<sheet name="hidden" sheetId="1" state="hidden" r:id="a"/><sheet name="shown" sheetId="2" r:id="b"/>'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="a" Target="nothing.xml"/>'
        '<Relationship Id="b" Target="worksheets/tariff.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{STYLES}</styleSheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{"".join(f"<si>{s}</si>" for s in strings)}</sst>',
        "xl/worksheets/tariff.xml": sheet(rows),
    }
    for name, text in parts.items():
        path = next(p for p in made if p.rpartition("/")[2].partition(".")[0] == name)
        made[path] = text
    return archive(made)


def archive(members, method=zipfile.ZIP_DEFLATED):
    """The bytes of a ZIP file with these members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return file.getvalue()


def csv_text(rows):
    """The rows as comma separated values, every cell in quotes."""
    return "".join(",".join('"' + (c or "").replace('"', '""') + '"' for c in row) + "\n" for row in rows)


def rate_line(code, privilege, percent="0.000", days="2022010199999999", **more):
    """A line of the Thai master file of duty rates, in its places; more: specific, unit, law, note."""
    head = f"2022{code:<8}00001{privilege:<3}I"
    rates = f"{percent:>12}".ljust(24) + f"{more.get('specific', ''):>10}" + more.get("unit", "").ljust(20)
    return f"{head}{rates}{more.get('law', '').ljust(30)}{days}{more.get('note', '')}"
