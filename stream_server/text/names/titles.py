"""Titles, behind which a name stands, and the ordinary words that may stand there instead. Pure."""

from __future__ import annotations

from stream_server.text.names.spelled import spelled

TITLES: dict[str, dict[str, str]] = {
    "id": spelled("Pak, Bapak, Bu, Ibu, Mas, Mbak"),
    "en": {"mr": "Mr.", "mrs": "Mrs.", "ms": "Ms.", "dr": "Dr.", "mister": "mister", "missus": "missus"},
}
"""How a title is written in front of a name; `mister` is for the abbreviations to shorten."""

_INDONESIAN = """
    saya aku kita kami kamu anda dia ia mereka beliau itu ini tadi sini sana situ dan atau yang di ke dari pada untuk
    dengan oleh juga saja sudah belum akan sedang masih pernah harus bisa boleh mau ingin perlu dapat tidak bukan tak
    nggak enggak jangan ada adalah kalau jika karena sebab tapi tetapi namun lalu kemudian sekarang nanti besok kemarin
    apa apakah siapa kapan mana bagaimana gimana kenapa mengapa berapa ya kan deh dong sih lah kah pun hanya cuma sangat
    sekali lebih paling seperti sebagai supaya agar tolong mohon maaf terima silakan ayo mari kata bilang tanya jawab
    minta kasih beri datang pergi pulang masuk keluar tahu lihat dengar pikir rasa buat kerja kirim pakai ambil
    bawa baca tulis bicara rapat pagi siang sore malam hari kota rumah guru dosen direktur ketua menteri presiden
    gubernur bupati camat lurah kepala hakim jaksa dokter polisi tani negara bangsa pertiwi jari tiri kandung angkat
    muda tua kawin kos mertua hamil semua sekalian masing satu dua tiga empat lima enam tujuh delapan sembilan sepuluh
"""

_ENGLISH = "and or the a an is was has had will would can could i you we they he she it in on at of to for with"

NOT_NAMES: dict[str, frozenset[str]] = {"id": frozenset(_INDONESIAN.split()), "en": frozenset(_ENGLISH.split())}

_VERB_BEGINNINGS = ("meng", "meny", "mem", "men", "ber", "ter", "diper")
_SHORTEST_VERB = 7


def may_be_name(word: str, language: str) -> bool:
    """Tell whether a word behind a title can be a name: no verb, no function word, no number."""
    if not word.isalpha() or word in NOT_NAMES[language]:
        return False
    verbal = language == "id" and word.startswith(_VERB_BEGINNINGS) and len(word) >= _SHORTEST_VERB
    return not verbal and not word.endswith("nya")
