"""The code values that rules name, each with its source; the long lists lie in `landsea.codes`."""

from typing import Final

INVOICES: Final = (
    "325",
    "380",
    "935",
)  # UN/EDIFACT 1001: proforma, commercial invoice, invoice of the value declaration
ORIGIN_PROOFS: Final = ("861", "862", "864", "865", "954", "018")  # UN/EDIFACT 1001, and A.TR
TRANSPORT_DOCUMENTS: Final = (
    "703",
    "704",
    "705",
    "710",
    "714",
    "720",
    "722",
    "730",
    "740",
    "741",
    "750",
    "760",
    "785",
    "787",
)

INCOTERMS: Final = ("EXW", "FCA", "FAS", "FOB", "CFR", "CIF", "CPT", "CIP", "DAP", "DPU", "DDP")  # ICC, 2020
SEA_TERMS: Final = ("FAS", "FOB", "CFR", "CIF")  # ICC 2020: for carriage by water only
CHARGES: Final = (  # Union Customs Code data annex, 4/9; follows the articles of the WTO Valuation Agreement
    *("AB", "AD", "AE", "AF", "AG", "AH", "AI", "AJ", "AK", "AL", "AN", "AS", "AV", "AW", "AX"),
    *("BA", "BB", "BC", "BD", "BE", "BF", "BG", "BH", "BI", "BJ", "BK", "BL", "BM", "BN", "BO", "BP", "BR", "BS", "BT"),
)
MODES: Final = ("1", "2", "3", "4", "5", "7", "8", "9")  # UN/ECE Recommendation 19; 6 is not allotted
FISCAL_ROLES: Final = ("FR1", "FR2", "FR3", "FR4", "FR5", "FR7")
AEO_ROLES: Final = ("CN", "CZ", "CS", "DT", "IM", "EX", "FW", "MF", "WH")  # UN/EDIFACT 3035
GUARANTEES: Final = tuple("0123456789ABCDEFGHIJRXY")
VAGUE: Final = (  # descriptions that say nothing of the goods
    *("goods", "parts", "various", "samples", "merchandise", "cargo", "freight", "products", "items", "articles"),
    *(
        "spare parts",
        "general cargo",
        "consolidated cargo",
        "as per invoice",
        "fak",
        "said to contain",
        "misc",
        "equipment",
    ),
)

AUTHORISED: Final = {  # procedure → category of the authorisation it needs
    "21": "OPO",
    "44": "EUS",
    "51": "IPO",
    "53": "TEA",
    "71": "CWP",
}
SUSPENSIVE: Final = ("51", "53")  # duties are suspended or conditionally relieved (RKC Specific Annexes F1, G1)
BY_DECLARATION: Final = "00100"  # additional statement: authorisation applied for in the declaration itself
ONWARD_SUPPLY: Final = ("42", "63")
