"""What English abbreviates."""

from __future__ import annotations

from stream_server.text.abbreviations import Abbreviated
from stream_server.text.english.calendar_words import MONTHS, WEEKDAYS
from stream_server.text.english.lexicon import SCALES, TEENS, TENS, UNITS, ZEROS
from stream_server.text.english.ordinals import BELOW_HUNDRED
from stream_server.text.names import NAMES
from stream_server.text.names.titles import NOT_NAMES

_CAPITALS = """
    tv usa uk ceo cto cfo coo api apis pdf pdfs faq faqs ok ai url urls html http https sql cpu gpu usb gps
    kpi kpis roi vip atm nasa fbi cia nato bbc cnn ibm
"""
"""Written in capitals; what is a word as well (*it, us, un, hr*) is not among them."""
_SMALL = {
    "are", "is", "was", "has", "had", "says", "said", "will", "would", "can", "could", "if", "then", "for", "in", "of",
    "on", "at", "by", "from", "with", "who", "what", "when", "our", "my", "i'm", "i'll", "i've", "i'd",
}  # fmt: skip
"""What stands behind a doctor as well."""

_TITLES = {
    "mister": ("Mr.", False),
    "missus": ("Mrs.", False),
    "doctor": ("Dr.", True),
    "professor": ("Prof.", True),
}
_NUMBERS = {*UNITS, *TEENS, *TENS, *SCALES, *ZEROS, *BELOW_HUNDRED, "hundred", "hundredth", "double", "triple", "half"}
_SIGNS = {"rp", "mr", "mrs", "ms", "dr", "prof", "negative", "minus", "plus", "point"}

ABBREVIATED = Abbreviated(
    forms={word: word.upper() for word in _CAPITALS.split()}
    | {"apis": "APIs", "pdfs": "PDFs", "faqs": "FAQs", "urls": "URLs", "kpis": "KPIs", "phd": "PhD"},
    titles=_TITLES,
    names=frozenset(NAMES["en"]),
    no_names=NOT_NAMES["en"] | {*_SMALL, *_SIGNS, *MONTHS, *WEEKDAYS, *_TITLES, *_NUMBERS},
)
