"""What Indonesian abbreviates."""

from __future__ import annotations

from stream_server.text.abbreviations import Abbreviated
from stream_server.text.indonesian.lexicon import NUMBER_WORDS

_CAPITALS = """
    pt cv nik ktp npwp bpjs dpr dprd mpr kpk bumn bumd umkm tv wib wita ppn pph tni ojk pln bca bni bri pns
    asn apbn apbd stnk bpkb atm sms pdf ceo hrd kpr phk itb ugm
"""
"""Written in capitals; what is a word as well (*bi, ui, who, sim, api*) is not among them."""


def _begins_number(key: str) -> bool:
    """Tell whether a school has its number, or its owner, behind it: SD 5, SMA Negeri 2."""
    return key in NUMBER_WORDS or key == "negeri" or key[:1].isdigit()


ABBREVIATED = Abbreviated(
    forms={word: word.upper() for word in _CAPITALS.split()} | {"tbk": "Tbk", "pph": "PPh", "polri": "Polri"},
    numbered={word: word.upper() for word in ("sd", "smp", "sma", "smk")},
    begins_number=_begins_number,
    companies={"pt": ("PT", "Tbk")},
)
