"""What stands behind a number and says what it counts: percent, currencies, units. Pure."""

from __future__ import annotations

from typing import NamedTuple

from stream_server.text.runs import Run

PERCENT = frozenset({"persen", "prosen", "%"})

TIME_UNITS = frozenset({"detik", "menit", "jam", "hari", "minggu", "pekan", "bulan", "tahun", "abad"})

_SHORT = {
    "kilometer": "km", "kilo meter": "km", "meter": "m", "sentimeter": "cm", "senti": "cm", "milimeter": "mm",
    "kilo": "kg", "kilogram": "kg", "kilo gram": "kg", "gram": "g", "miligram": "mg", "mililiter": "ml",
    "hektare": "ha", "hektar": "ha",
    "meter persegi": "m²", "kilometer persegi": "km²", "sentimeter persegi": "cm²", "meter kubik": "m³",
    "m persegi": "m²", "km persegi": "km²", "cm persegi": "cm²", "m kubik": "m³",
    "kilometer per jam": "km/jam", "km per jam": "km/jam",
    "meter per detik": "m/detik", "m per detik": "m/detik",
    "kilobyte": "KB", "megabyte": "MB", "gigabyte": "GB", "terabyte": "TB",
    "watt": "W", "kilowatt": "kW", "megawatt": "MW", "gigawatt": "GW", "kilowatt jam": "kWh",
}  # fmt: skip

_AS_THEY_ARE = frozenset(
    {
        *("km", "m", "cm", "mm", "kg", "g", "mg", "ml", "ha", "m²", "km²", "cm²", "m³", "km/jam", "m/detik"),
        *("kb", "mb", "gb", "tb", "w", "kw", "mw", "gw", "kwh"),
        *("liter", "ton", "derajat", "kuintal", "ons", "inci", "volt"),
        *("ringgit", "yen", "won", "yuan", "baht", "rupee", "sen", "pound", "pon"),
    }
)
"""Units that stay as they are behind digits."""

_GLUED = {"celsius": "°C", "selsius": "°C", "celcius": "°C", "fahrenheit": "°F"}
"""Behind *derajat*: written without a space."""

_SIGNS = {"rupiah": "Rp", "dolar": "$", "dollar": "$", "euro": "€", "poundsterling": "£"}
_AMERICAN = (("amerika", "serikat"), ("amerika",), ("as",))
_OTHERS_DOLLARS = frozenset({"singapura", "australia", "hongkong", "kanada", "taiwan", "brunei", "selandia"})


class Suffix(NamedTuple):
    """What a number counts: the `sign` that goes in front, the `mark` right behind, or a `unit` with a space.

    `unit` "" leaves the tokens up to `behind` as they are.
    """

    behind: int
    sign: str = ""
    mark: str = ""
    unit: str = ""
    time: bool = False


def read_suffix(run: Run, at: int) -> Suffix | None:
    """Return what the number in front counts, if that is known."""
    key = run.key(at)
    if key in PERCENT:
        return Suffix(at + 1, mark="%")
    if key in _SIGNS:
        return _currency(run, at, key)
    if key in TIME_UNITS:
        return Suffix(at + 1, time=True)
    if key == "derajat" and run.key(at + 1) in _GLUED:
        return Suffix(at + 2, mark=_GLUED[run.key(at + 1)])
    if key not in _AS_THEY_ARE and key not in _SHORT:
        return None
    return _unit(run, at, key)


def _unit(run: Run, at: int, key: str) -> Suffix:
    if key in _LONGER:
        for count in (3, 2):
            unit = _SHORT.get(" ".join(run.keys(at, count)))
            if unit is not None and len(run.keys(at, count)) == count:
                return Suffix(at + count, unit=unit)
    return Suffix(at + 1, unit=_SHORT.get(key, ""))


_LONGER = frozenset(name.split()[0] for name in _SHORT if " " in name)
"""Units that others begin with."""


def _currency(run: Run, at: int, key: str) -> Suffix:
    sign, behind = _SIGNS[key], at + 1
    if sign == "$":
        if run.key(behind) in _OTHERS_DOLLARS:
            return Suffix(behind)
        for names in _AMERICAN:
            if run.key(behind) == names[0] and run.keys(behind, len(names)) == names:
                behind += len(names)
                break
    while run.key(behind) == key:
        behind += 1  # *Rp5.000 rupiah* says it twice
    return Suffix(behind, sign=sign)
