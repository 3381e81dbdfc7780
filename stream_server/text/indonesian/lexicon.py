"""The words of Indonesian numbers, and what they are worth. Pure."""

from __future__ import annotations

from decimal import Decimal

_NAMES = ("satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan")

ONE_TO_NINE = {name: value for value, name in enumerate(_NAMES, 1)} | {str(value): value for value in range(1, 10)}
"""Words and single digits: recognition mixes them within one number."""

ZERO = frozenset({"nol", "kosong", "0"})

TEENS = {"sepuluh": 10, "sebelas": 11} | {f"{name}belas": value for value, name in enumerate(_NAMES, 11) if value > 11}

TENS = {f"{name}puluh": 10 * value for value, name in enumerate(_NAMES, 1) if value > 1}
"""In one word, as recognition often writes them."""

HUNDREDS = {"seratus": 100} | {f"{name}ratus": 100 * value for value, name in enumerate(_NAMES, 1) if value > 1}

MULTIPLIERS = frozenset({"puluh", "belas", "ratus"})
"""What a digit in front of it is multiplied by, or added to."""

SCALES = {
    "ribu": Decimal(1000),
    "rb": Decimal(1000),
    "juta": Decimal(10**6),
    "jt": Decimal(10**6),
    "miliar": Decimal(10**9),
    "milyar": Decimal(10**9),
    "miliard": Decimal(10**9),
    "triliun": Decimal(10**12),
    "trilyun": Decimal(10**12),
}

SCALE_NAMES = {Decimal(10**6): "juta", Decimal(10**9): "miliar", Decimal(10**12): "triliun"}
"""The scales whose word is kept."""

ONE_OF_A_SCALE = {"seribu": 1000, "sejuta": 10**6, "semiliar": 10**9, "semilyar": 10**9, "setriliun": 10**12}

KEPT_SCALES = frozenset(
    {word for words in (SCALES, ONE_OF_A_SCALE) for word, scale in words.items() if scale in SCALE_NAMES}
)
"""Words of scales that stay."""

REPEATED = {"dobel": 2, "double": 2, "tripel": 3, "triple": 3}
"""In front of a digit: how often it stands."""

NUMBER_WORDS = frozenset(
    {*ONE_TO_NINE, *ZERO, *TEENS, *TENS, *HUNDREDS, *MULTIPLIERS, *SCALES, *ONE_OF_A_SCALE, *REPEATED}
)
"""Every word that may be part of a number."""

CONNECTORS = (("sampai", "dengan"), ("sampai",), ("hingga",), ("s/d",), ("s.d",))
"""Between the ends of a range."""

DENOMINATORS = {
    f"per{name}": value
    for name, value in (*list(ONE_TO_NINE.items())[1:9], ("sepuluh", 10), ("seratus", 100), ("seribu", 1000))
}
