"""Words as people say them and as recognition may write them, to make up what was said."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.text.golden_cases import LANGUAGES


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


SPOKEN = {
    "id": _words(
        """
        satu dua tiga lima tujuh sembilan sepuluh sebelas belas puluh ratus seratus ribu seribu juta
        miliar koma nol kosong setengah seperempat per pertiga persen rupiah dolar rp jam pukul pagi
        sore malam lewat kurang menit detik hari tanggal agustus mei senin minggu tahun ke ketiga kedua
        lantai nomor sampai dari antara dan minus plus kilometer kilo derajat celsius titik com at gmail
        www garis miring pt tbk nik n i k dobel eh anu em kalo sampe saya kami yang di rumah apakah
        tidak ya tetapi bukan orang pergi pak budi jakarta
        """
    ),
    "en": _words(
        """
        one two three five seven nine ten eleven twelve twenty thirty fifty hundred thousand million
        billion and a half point oh zero percent dollars cents euros pounds o'clock past quarter to at
        a.m. p m pm minutes second hours days october may ninth third of the in nineteen twenty-five
        first floor number page from between through minus plus kilometers miles degrees celsius dot com
        slash www example u s a ceo mister smith double triple uh um well i think but is it what do you
        people go monday jakarta
        """
    ),
}

WRITTEN = _words(
    r"""
    25 1.250 1,250 3,5 3.5 14.30 3:30 08 1-1-1-9 50% Rp1.750.000 $5 5. 2026 17 9th ke-3 1 2 3 4 5
    100 10–15 -5 hello, Rumah. rumah? "quote (so) th- dr... ...,... ... — a@b.com prosa.ai 1/2 °C PT
    """
)

PLAIN = _words("gedung kami pergi besar hijau the house went green we")
"""Words with which nothing begins."""

languages = st.sampled_from([*LANGUAGES, "de", None])
pauses = st.sampled_from([None, 0.0, 0.1, 0.4, 0.8, 3.0])


def words(language: str | None) -> st.SearchStrategy[str]:
    """Draw a word as somebody may say it, or as recognition may write it."""
    known = SPOKEN.get(language or "id", SPOKEN["en"])
    capital = st.sampled_from(known).map(str.capitalize)
    marked = st.builds(str.__add__, st.sampled_from(known), st.sampled_from([",", ".", "?", "!", "..."]))
    return st.one_of(st.sampled_from(known), st.sampled_from(known), st.sampled_from(WRITTEN), capital, marked)


@st.composite
def talk(draw: st.DrawFn) -> tuple[str | None, list[str], list[float | None]]:
    """Draw a language, words in it and the silences in front of them."""
    language = draw(languages)
    said = draw(st.lists(words(language), max_size=14))
    return language, said, [draw(pauses) for _ in said]
