"""A synthetic administration for the scenarios: a duty and a value added tax on everything, released once covered.

No duty arises where goods enter no procedure (00) or a warehouse (07, 71, 78), and on what national procedures say is
of low value (1H7) or moves within the country (1SP). It is nobody's law; its purpose is that declarations have duties
where any are due. Its files lie over those the project ships.
"""

CURRENCIES = ("AUD", "CAD", "CHF", "CNY", "DKK", "EUR", "HKD", "INR", "JPY", "NOK", "NZD", "SEK", "TRY", "USD", "ZAR")
ADDED = ("AB", "AD", "AE", "AF", "AG", "AH", "AI", "AJ", "AK", "AL", "AN", "AP", "AR", "AS", "AT", "AU", "AV", "AW")
LEFT_OUT = ("BA", "BB", "BC", "BD", "BE", "BF", "BG", "BH")
ADMINISTRATION = """release = "covered"
untaxed_procedures = ["00", "07", "71", "78", "1SP", "1H7"]
"""
TABLES = {
    "taxes": (
        "tax name sequence:integer base inclusive:boolean deductions:boolean required:boolean reference",
        ["A00,duty,1,value,false,false,false,synthetic", "B00,tax,2,value+A00,false,false,false,synthetic"],
    ),
    "measures": (
        "id direction code origin tax preference quota_order rate valid_from:date valid_to:date reference",
        [
            "GB1,import,*,ERGA OMNES,A00,,,5 %,2000-01-01,,synthetic",
            "GB2,import,*,ERGA OMNES,B00,,,20 %,2000-01-01,,synthetic",
        ],
    ),
    "charges": (
        "type sign:integer name",
        [f"{code},1,added" for code in ADDED] + [f"{code},-1,left out" for code in LEFT_OUT],
    ),
    "exchange_rates": (
        "currency per:integer rate:decimal valid_from:date valid_to:date reference",
        [f"{currency},1,2,2000-01-01,,synthetic" for currency in CURRENCIES],
    ),
}


def over(files):
    """The files of an edition, with a schedule of GB that collects before it releases and selects nobody."""
    manifest, law = files["GB/manifest.toml"].decode(), files["GB/administration.toml"].decode()
    made = {"GB/administration.toml": (ADMINISTRATION + law).encode()}
    for table, (columns, rows) in TABLES.items():
        types = {name: kind or "text" for name, _, kind in (column.partition(":") for column in columns.split())}
        made[f"GB/{table}.csv"] = "\n".join([",".join(types), *rows, ""]).encode()
        first = next(iter(types))
        manifest += f'\n[tables.{table}]\nsource = "synthetic"\nlicence = "Apache-2.0"\ndate = 2026-11-21\n'
        manifest += f'rows = {len(rows)}\nkey = ["{first}"]\nillustrative = true\n[tables.{table}.columns]\n'
        manifest += "".join(f'{column} = "{kind}"\n' for column, kind in types.items())
    return files | made | {"GB/manifest.toml": manifest.encode()}
