"""Titles of papers, and dates on them, in the languages of an administration.

A paper is in English, so that it is read along the whole corridor, and bears its title in the administration's own
languages too. The titles here are ours and no administration's forms; a native speaker should confirm them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from landsea.units.calendar import buddhist_text

TITLES: Final[Mapping[str, Mapping[str, str]]] = {
    "release-note": {
        "en": "Release note",
        "zh": "货物放行通知书",
        "lo": "ໃບແຈ້ງປ່ອຍສິນຄ້າ",
        "th": "หนังสือแจ้งการปล่อยสินค้า",
        "vi": "Thông báo giải phóng hàng hóa",
        "ru": "Уведомление о выпуске товаров",
        "kk": "Тауарларды шығару туралы хабарлама",
        "id": "Pemberitahuan pengeluaran barang",
        "ms": "Nota pelepasan barang",
        "km": "លិខិតជូនដំណឹងអំពីការបញ្ចេញទំនិញ",
        "my": "ကုန်စည်ထုတ်ပေးခွင့် အကြောင်းကြားစာ",
    },
    "examination-order": {
        "en": "Examination order",
        "zh": "货物查验通知书",
        "lo": "ໃບສັ່ງກວດກາສິນຄ້າ",
        "th": "คำสั่งตรวจสินค้า",
        "vi": "Lệnh kiểm tra hàng hóa",
        "ru": "Распоряжение о проверке товаров",
        "kk": "Тауарларды тексеру туралы нұсқау",
        "id": "Perintah pemeriksaan barang",
        "ms": "Arahan pemeriksaan barang",
        "km": "ដីកាត្រួតពិនិត្យទំនិញ",
        "my": "ကုန်စည်စစ်ဆေးရန် အမိန့်",
    },
    "gate-pass": {
        "en": "Gate pass",
        "zh": "出门放行单",
        "lo": "ໃບອະນຸຍາດອອກປະຕູ",
        "th": "ใบผ่านประตู",
        "vi": "Phiếu ra cổng",
        "ru": "Пропуск на выезд",
        "kk": "Шығу рұқсаттамасы",
        "id": "Surat jalan keluar gerbang",
        "ms": "Pas keluar pintu",
        "km": "ប័ណ្ណចេញច្រកទ្វារ",
        "my": "ဂိတ်ထွက်ခွင့်လက်မှတ်",
    },
}
_BUDDHIST: Final = frozenset({"lo", "th"})
"""Languages in which papers count the years of the Buddhist era."""


def titles(kind: str, languages: Sequence[str]) -> tuple[str, ...]:
    """The titles of a paper of this kind: English, then those in the administration's other languages."""
    own = TITLES[kind]
    return own["en"], *(own[one] for one in languages if one != "en" and one in own)


def moment(at: datetime, zone: str, languages: Sequence[str]) -> str:
    """The instant as clocks of the administration showed it, the zone named; where its papers are dated in the Buddhist
    era, so is this, with the common era behind it."""
    local = at.astimezone(ZoneInfo(zone))
    ahead = local.strftime("%z")
    clock = f"{local:%H:%M} (UTC{ahead[:3]}:{ahead[3:]})"
    if _BUDDHIST & set(languages):
        return f"{buddhist_text(local.date())} B.E. = {local:%Y-%m-%d}, {clock}"
    return f"{local:%Y-%m-%d}, {clock}"
