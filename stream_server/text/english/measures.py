"""What English numbers count or measure: percent, currencies, units, stretches of time. Tables, and a look-up."""

from __future__ import annotations

from dataclasses import dataclass

from stream_server.text.runs import Run


@dataclass(frozen=True, slots=True)
class Measure:
    """What stands behind a number: a sign in `front` of it or `behind` it, or just a word, which stays as it is."""

    front: str = ""
    behind: str = ""
    lasting: bool = False
    """Whether it is a stretch of time."""
    cents: bool = False

    @property
    def shown(self) -> bool:
        """Whether a sign takes the place of the words."""
        return bool(self.front or self.behind)


_WORD, _TIME, _CENTS = Measure(), Measure(lasting=True), Measure(cents=True)
_SPELLED = {
    "percent": Measure(behind="%"),
    "per cent": Measure(behind="%"),
    "%": Measure(behind="%"),
    "dollar": Measure("$"),
    "dollars": Measure("$"),
    "us dollars": Measure("$"),
    "euro": Measure("€"),
    "euros": Measure("€"),
    "pounds sterling": Measure("£"),
    "rupiah": Measure("Rp"),
    "rupiahs": Measure("Rp"),
    "degrees celsius": Measure(behind="°C"),
    "degrees fahrenheit": Measure(behind="°F"),
    "degrees centigrade": Measure(behind="°C"),
    "cent": _CENTS,
    "cents": _CENTS,
}
_UNITS = {
    "km/h": "kilometers per hour, kilometres per hour, kilometers an hour, kilometres an hour",
    "km²": "square kilometers, square kilometres",
    "m²": "square meters, square metres, square meter, square metre",
    "km": "kilometers, kilometres, kilometer, kilometre",
    "cm": "centimeters, centimetres, centimeter, centimetre",
    "mm": "millimeters, millimetres, millimeter, millimetre",
    "m": "meters, metres, meter, metre",
    "kg": "kilograms, kilos, kilogram, kilo",
    "mg": "milligrams, milligram",
    "g": "grams, gram",
    "ml": "milliliters, millilitres, milliliter, millilitre",
    "mph": "miles per hour, miles an hour",
    "MB": "megabytes, megabyte",
    "GB": "gigabytes, gigabyte",
    "TB": "terabytes, terabyte",
    "kW": "kilowatts, kilowatt",
    "W": "watts, watt",
}
_WORDS = (
    "mile miles foot feet inch inches pound pounds liter liters litre litres ton tons tonne tonnes acre acres degree "
    "degrees yard yards gallon gallons ounce ounces milliseconds volts pixels yen yuan ringgit"
)
"""Units that stay words behind digits."""
_TIMES = "second seconds minute minutes hour hours day days week weeks month months year years decade decades"
_TABLE: dict[str, list[tuple[tuple[str, ...], Measure]]] = {}
for _words, _measure in (
    *((phrase, measure) for phrase, measure in _SPELLED.items()),
    *((phrase, Measure(behind=f" {sign}")) for sign, phrases in _UNITS.items() for phrase in phrases.split(", ")),
    *((word, _WORD) for word in (*_WORDS.split(), *(sign.casefold() for sign in _UNITS))),
    *((word, _TIME) for word in _TIMES.split()),
):
    _first, *_rest = _words.split()
    _TABLE.setdefault(_first, []).append((tuple(_rest), _measure))
for _entries in _TABLE.values():
    _entries.sort(key=lambda entry: -len(entry[0]))  # the longest phrase first


_NO_NOUNS = {
    "always", "goes", "sounds", "seems", "works", "means", "suits", "starts", "ends", "comes", "gets", "makes", "looks",
    "helps", "happens", "takes", "needs", "unless", "perhaps", "sometimes", "besides", "towards", "across", "let's",
    "that's", "what's", "there's", "here's",
}  # fmt: skip
"""Words in -s that count nothing."""


def is_counted(key: str) -> bool:
    """Return whether a word is likely to say what is counted: people, or several of anything."""
    return key == "people" or (key.endswith("s") and not key.endswith("ss") and len(key) > 4 and key not in _NO_NOUNS)


def measure(run: Run, at: int) -> tuple[Measure, int] | None:
    """Return what stands there, and where it ends; None: nothing that is measured."""
    for rest, found in _TABLE.get(run.key(at), ()):
        if not rest or run.keys(at + 1, len(rest)) == rest:
            return found, at + 1 + len(rest)
    return None
