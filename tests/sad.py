"""Declarations as ASYCUDAWorld writes them, made here and synthetic: every box the mapping knows can be filled."""

from xml.sax.saxutils import escape

NOTHING = "\n<null/>\n"

HEADER = {
    "Property/Sad_flow": "I",
    "Property/Nbers/Total_number_of_items": "1",
    "Property/Nbers/Total_number_of_packages": "20",
    "Property/Place_of_declaration": "",
    "Identification/Office_segment/Customs_clearance_office_code": "LABTN",
    "Identification/Office_segment/Customs_Clearance_office_name": "BOTEN (synthetic)",
    "Identification/Type/Type_of_declaration": "IM",
    "Identification/Type/Declaration_gen_procedure_code": "4",
    "Identification/Manifest_reference_number": "2026 77",
    "Identification/Registration/Serial_number": "C",
    "Identification/Registration/Number": "1",
    "Identification/Registration/Date": "19/11/2026",
    "Identification/Assessment/Serial_number": "",
    "Identification/Assessment/Number": "",
    "Identification/Assessment/Date": "",
    "Identification/receipt/Serial_number": "",
    "Identification/receipt/Number": "",
    "Identification/receipt/Date": "",
    "Assessment_notice/Registration_year": "2026",
    "Assessment_notice/Total_item_taxes": "",
    "Traders/Exporter/Exporter_code": "",
    "Traders/Exporter/Exporter_name": "Example Parts (synthetic)\n1 Example Road\nChongqing",
    "Traders/Consignee/Consignee_code": "LA0100000001",
    "Traders/Consignee/Consignee_name": "Example Importer (synthetic)\nVientiane",
    "Declarant/Declarant_code": "LA0100000001",
    "Declarant/Declarant_name": "Example Broker (synthetic)",
    "Declarant/Reference/Year": "2026",
    "Declarant/Reference/Number": "R1",
    "General_information/Country/Export/Export_country_code": "CN",
    "General_information/Country/Destination/Destination_country_code": "LA",
    "Transport/Means_of_transport/Departure_arrival_information/Identity": "X9571",
    "Transport/Means_of_transport/Border_information/Mode": "2",
    "Transport/Container_flag": "true",
    "Transport/Delivery_terms/Code": "CIF",
    "Transport/Delivery_terms/Place": "Boten",
    "Transport/Location_of_goods": "LABTN01",
    "Financial/Amounts/Totals_taxes": "",
    "Valuation/Gs_Invoice/Amount_foreign_currency": "18500.00",
    "Valuation/Gs_Invoice/Currency_code": "USD",
    "Valuation/Gs_Invoice/Currency_rate": "21500",
    "Valuation/Gs_insurance/Amount_foreign_currency": "0",
    "Valuation/Gs_insurance/Currency_code": "",
    "Valuation/Total/Total_weight": "1200",
}
ITEM = {
    "Packages/Number_of_packages": "20.0",
    "Packages/Marks1_of_packages": "LS 1/20",
    "Packages/Marks2_of_packages": "MADE IN CHINA",
    "Packages/Kind_of_packages_code": "CT",
    "Tarification/HScode/Commodity_code": "87089900",
    "Tarification/HScode/Precision_1": "00",
    "Tarification/Extended_customs_procedure": "4000",
    "Tarification/National_customs_procedure": "000",
    "Tarification/Item_price": "18500.00",
    "Goods_description/Country_of_origin_code": "CN",
    "Goods_description/Description_of_goods": "- Other",
    "Goods_description/Commercial_Description": "Steel parts for motor vehicles (synthetic)",
    "Previous_doc/Summary_declaration": "",
    "Licence_number": "",
    "Valuation_item/Weight_itm/Gross_weight_itm": "1200",
    "Valuation_item/Weight_itm/Net_weight_itm": "1100",
    "Valuation_item/Item_Invoice/Currency_code": "USD",
}
CONTAINER = {"Container_identity": "CSQU3054383"}
ASSESSED = {
    "Identification/Assessment/Serial_number": "A",
    "Identification/Assessment/Number": "31",
    "Identification/Assessment/Date": "20/11/2026",
}
PAID = {**ASSESSED, "Identification/receipt/Serial_number": "R", "Identification/receipt/Number": "9"}
RELEASED = {**PAID, "Selectivity/Lane": "Green", "Selectivity/Release_date": "21/11/2026"}


def tax(code, base, rate, amount):
    """A line of taxation."""
    return {"Duty_tax_code": code, "Duty_tax_Base": base, "Duty_tax_rate": rate, "Duty_tax_amount": amount}


def document(code, reference, written=""):
    """An attached document."""
    return {
        "Attached_document_code": code,
        "Attached_document_reference": reference,
        "Attached_document_date": written,
    }


def item(taxes=(), documents=(), **boxes):
    """A goods item with these boxes otherwise; `__` in a name stands for `/`."""
    filled = ITEM | _boxes(boxes)
    parts = [_nested({f"Taxation/Taxation_line#{n}/{k}": v for n, t in enumerate(taxes) for k, v in t.items()})]
    parts += [f"<Attached_documents>{_nested(one)}</Attached_documents>" for one in documents]
    return f"<Item>{_nested(filled)}{''.join(parts)}</Item>"


def sad(number="1", items=(), containers=(CONTAINER,), more="", **boxes):
    """The bytes of a declaration with these boxes otherwise; `__` in a name stands for `/`."""
    filled = HEADER | {"Identification/Registration/Number": number, "Declarant/Reference/Number": f"R{number}"}
    filled |= {"Property/Nbers/Total_number_of_items": str(len(items) or 1)} | _boxes(boxes)
    inside = "".join(f"<Container>{_nested(one)}</Container>" for one in containers) + "".join(items or [item()])
    head = '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n'
    return f'{head}<ASYCUDA id="{1000 + int(number or 0)}">{_nested(filled)}{inside}{more}</ASYCUDA>'.encode()


def _boxes(boxes):
    return {name.replace("__", "/"): value for name, value in boxes.items()}


def _nested(paths):
    """The elements of these paths, one inside the other; what is after `#` tells apart those of the same name."""
    tree = {}
    for path, value in paths.items():
        *above, last = path.split("/")
        holder = tree
        for name in above:
            holder = holder.setdefault(name, {})
        holder[last] = value
    return _written(tree)


def _written(tree):
    return "".join(f"<{(name := key.partition('#')[0])}>{_inside(value)}</{name}>" for key, value in tree.items())


def _inside(value):
    return _written(value) if isinstance(value, dict) else escape(value) or NOTHING
