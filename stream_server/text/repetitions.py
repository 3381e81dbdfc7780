"""Which repeated words were said twice by mistake, and which mean what they say, in each language. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Repetitions:
    """Words of a language that tell slips from repetitions that are meant.

    `function` words are hardly ever said twice on purpose; those that are `meant` may be, alone. Where `doubling` is
    grammar no other word counts as a slip. `numbers` may be said twice anywhere.
    """

    function: frozenset[str]
    meant: frozenset[str]
    numbers: frozenset[str]
    doubling: bool


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_INDONESIAN = Repetitions(
    function=_words(
        "saya aku kami kita kamu kalian anda dia ia beliau mereka ini itu yang di ke dari untuk dengan pada kepada dan"
        " atau tetapi tapi namun karena kalau jika bila bahwa supaya sebagai adalah akan sedang telah harus perlu ingin"
        " mau ada seperti antara tentang terhadap hanya juga masih para si sang lalu kemudian ketika sehingga maka"
        " mengapa kenapa bagaimana apakah dalam oleh bisa sudah belum tidak nggak gak jadi kalo"
    ),
    meant=_words("ada bisa dalam jadi kalau oleh sudah tidak"),
    numbers=_words(
        "nol kosong satu dua tiga empat lima enam tujuh delapan sembilan sepuluh sebelas belas puluh ratus seratus ribu"
        " seribu juta sejuta miliar triliun setengah koma dobel"
    ),
    doubling=True,
)

_ENGLISH = Repetitions(
    function=_words(
        "i you he she it we they me him her us them my your his its our their this these those the a an of to in on at"
        " by for from with about into over under and or but so if because when while as than that which who what where"
        " why how is are was were be been am do does did have has had will would can could shall should may might must"
        " not there then just i'm i've i'll i'd you're we're they're it's that's there's don't can't didn't"
    ),
    meant=_words(
        "that had very no bye really yes yeah okay ok much many far long more again never ha blah knock please"
    ),
    numbers=_words(
        "zero oh one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
        " seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million"
        " billion trillion half point double triple"
    ),
    doubling=False,
)

REPETITIONS: Mapping[str, Repetitions] = MappingProxyType({"id": _INDONESIAN, "en": _ENGLISH})
