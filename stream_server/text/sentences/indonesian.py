"""Indonesian sentences. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from stream_server.text.sentences.phrasing import NOTICED_PAUSE, Peek, Phrasing, words
from stream_server.text.tokens import Token

_BEGINNING = 3
"""Words of a sentence among which its question word stands."""

_QUESTION_WORDS = words("""
    apakah apa siapa siapakah kapan kapankah dimana kemana darimana mengapa kenapa bagaimana gimana berapa seberapa
""")
_BEFORE_MANA = words("di ke dari yang")
_ANY = words("pun saja adanya lagi-lagi")
"""Behind a question word these say that any will do: "siapa pun"."""
_NOT = words("tidak tak bukan nggak enggak ngga gak ga")
_FIRST_PERSONS = words("saya aku gue kami kita dia ia beliau mereka")
_KNOWING = words("""
    tahu mengerti paham ingat lupa lihat dengar tanya bertanya menanyakan jelaskan menjelaskan mengecek cek
    bahas membahas heran bingung
""")
_TAGS = words("bukan kan ya")
_NOT_ASKING = words("""
    langkah melangkah selangkah nikah menikah berkah tingkah bertingkah sedekah bersedekah rekah merekah mekah mekkah
    makkah akikah musyarakah pangkah nafkah menafkah
""")


def _asks(sentence: Sequence[Token]) -> bool:
    keys = [token.key for token in sentence]
    begin = next((place for place, key in enumerate(keys) if key not in _OPENERS), 0)
    if any(_is_question_word(keys, place) for place in range(begin, min(begin + _BEGINNING, len(keys)))):
        return True
    last = sentence[-1]
    if len(sentence) > 1 and last.key in _TAGS and (last.pause or 0.0) >= NOTICED_PAUSE:
        return True
    return _has_kah(last.key)


def _is_question_word(keys: Sequence[str], place: int) -> bool:
    word = keys[place]
    before = keys[place - 1] if place else ""
    behind = keys[place + 1] if place + 1 < len(keys) else ""
    if before in _KNOWING and place > 1 and keys[place - 2] in _FIRST_PERSONS:
        return False
    if word == "mana":
        return before in _BEFORE_MANA
    if word in _QUESTION_WORDS:
        return behind not in _ANY and not (before in _NOT and word == "apa")
    return _has_kah(word)


def _has_kah(word: str) -> bool:
    return len(word) > len("ikah") and word.endswith("kah") and word not in _NOT_ASKING


def _question_begins(peek: Peek) -> bool:
    first = peek(0)
    if first is None:
        return False
    if first.key in _BEFORE_MANA - {"yang"}:
        second = peek(1)
        return second is not None and second.key == "mana"
    if first.key in _QUESTION_WORDS:
        second = peek(1)
        return second is not None and second.key not in _ANY
    return _has_kah(first.key)


_OPENERS = {
    "ya": words("ampun"),
    "oke": words(""),
    "ok": words(""),
    "baik": words("sekali itu di dari untuk buruk hati"),
    "baiklah": words(""),
    "nah": words(""),
    "jadi": words(""),
}

PHRASING = Phrasing(
    leads_on=words("""
        dan atau serta yang di ke dari pada kepada untuk bagi dengan tanpa oleh dalam antara tentang mengenai sebagai
        bahwa karena sebab jika kalau bila agar supaya adalah ialah merupakan para sang si akan sangat lebih paling
        seperti hingga sampai sejak selama setiap seorang sebuah suatu pukul tanggal nomor rp minus
    """),
    contrasts=words("tetapi tapi namun sedangkan melainkan padahal"),
    takes_contrast=words("dan atau"),
    openers=_OPENERS,
    begins=words("""
        saya kami kita dia mereka beliau ini itu terima tolong mohon silakan baik oke ya tidak nanti lalu kemudian
        selanjutnya jadi mari ayo kalau sekarang selamat bagus sudah belum menurut sebagian
    """),
    clausal=words("""
        saya aku kami kita dia mereka beliau kamu anda itu ini sudah telah akan bisa dapat harus ada adalah sedang masih
        belum tidak perlu mau ingin terima tolong silakan
    """),
    subordinates=words("""
        kalau jika bila apabila karena ketika saat waktu setelah sesudah sebelum meskipun walaupun meski agar supaya
        begitu selama sejak seandainya andai menurut selain sebagai untuk dengan
    """),
    takes_question=_KNOWING | words("tetapi tapi juga soal hal cara tentukan memutuskan membicarakan"),
    asks=_asks,
    begins_question=_question_begins,
)
