"""What is masked, what stays, and what is held back until it is clear."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_server.text.formatting import SECRETS, Formatting, Replacement, Secret, Term
from stream_server.text.tokens import Passage, passage_of
from tests.text.once import format_passage


def redacted(text: str, *redact: Secret, ended: bool = True, language: str = "id", **options: object) -> Passage:
    """Format a text."""
    formatting = Formatting(redact=redact, **options)  # type: ignore[arg-type]
    return format_passage(passage_of(text.split(), ended=ended), formatting, language)


def shown(passage: Passage) -> str:
    """Return what is shown, what is held in braces."""
    return " ".join(f"{{{token.text}}}" if token.held else token.text for token in passage.tokens if token.text)


@pytest.mark.parametrize("numbers", [True, False])
@pytest.mark.parametrize(
    ("kinds", "said", "read"),
    [
        ("card", "kartu saya 4111-1111-1111-1111.", "kartu saya [CARD]."),
        ("card", "kartu saya 4111 1111 1111 1111, ya", "kartu saya [CARD], ya"),
        ("card", "itu 4,111,111,111,111,111 ya", "itu [CARD] ya"),
        ("card", "kartu 4111 eh 1111 anu 1111 lalu 1111 itu", "kartu [CARD] itu"),
        ("card", "kodenya4111 tadi", "[NUMBER] tadi"),
        ("card", "itu 4111 saja", "itu [NUMBER] saja"),
        ("card", "itu ٤١١١ saja", "itu [NUMBER] saja"),
        ("card", "itu 四一一一 saja", "itu [NUMBER] saja"),
        ("card", "itu kodenya四一一一 saja", "itu [NUMBER] saja"),
        ("card", "itu Ⅳ Ⅰ Ⅰ Ⅰ saja", "itu [NUMBER] saja"),
        ("card", "我们一起去 hari ini", "我们一起去 hari ini"),
        ("phone", "nomor nol wolu siji loro telu papat lima nem pitu sanga ya", "nomor [PHONE] ya"),
        ("phone", "nomor 08 12 34 56 78 90 ya", "nomor [PHONE] ya"),
        ("phone", "nomor nol delapan satu dua tiga empat lima enam tujuh delapan ya", "nomor [PHONE] ya"),
        ("phone", "nomor oh eight satu two tiga four lima six tujuh eight ya", "nomor [PHONE] ya"),
        ("phone", "call double five five one two three four five six seven please", "call [PHONE] please"),
        ("nik", "NIK 3275012345678901 itu", "NIK [NIK] itu"),
        ("nik card", "NIK 3275012345678901 kartu 4111111111111111 itu", "NIK [NIK] kartu [CARD] itu"),
        ("email", "ke budi titik santoso at gmail titik com ya", "ke [EMAIL] ya"),
        ("email", "ke budi.santoso@gmail.com, ya", "ke [EMAIL], ya"),
        ("email", "ke rapat a keong perusahaan titik co titik id", "ke [EMAIL]"),
        ("numbers", "dua puluh lima orang dan tiga meja", "[NUMBER] orang dan tiga meja"),
        ("numbers", "ada 1.250 orang dan 3 meja", "ada [NUMBER] orang dan 3 meja"),
    ],
)
def test_secrets_become_masks(kinds: str, said: str, read: str, numbers: bool) -> None:
    """In figures and words, in groups and with what is said between, whether numbers are written or left as heard."""
    passage = redacted(said, *kinds.split(), numbers=numbers)  # type: ignore[arg-type]
    assert shown(passage) == read
    assert all(token.masked == ("[" in token.text) for token in passage.tokens)


@pytest.mark.parametrize(
    "said",
    [
        "pada 17 Agustus 2026 ada 25 orang yang datang",
        "harganya Rp1.750.000 dan naik 50% tadi",
        "pukul 14.30 kita mulai, pukul empat belas tiga puluh katanya",
        "in 2026 we had 1,250 people at 3:30 and",
        "in nineteen forty five we had two thousand twenty six people here",
        "dari sepuluh sampai lima belas orang datang",
        "October 9, 2026 it was",
        "we start on October 9, 2026.",
        "anggarannya 12 triliun, bukan 2,5 miliar lagi",
        "luas tanahnya 300 m² dan 60 km/jam",
        "jaraknya 4111 km dan 2,25 liter lagi",
        "kami bertiga di lantai 12",
        "a million people and one of them",
    ],
)
def test_what_says_what_it_is_stays(said: str) -> None:
    """Amounts, measures, times, dates and years are no secrets."""
    assert shown(redacted(said, "card", "phone", "nik", numbers=False, spelling=False)) == said


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("4111", "[NUMBER]"),
        ("eh empat", "eh [NUMBER]"),
        ("kartu saya 41", "kartu saya [NUMBER]"),
        ("111 itu nomornya", "[NUMBER] itu nomornya"),
        ("satu orang", "satu orang"),
        ("kami butuh tiga", "kami butuh tiga"),
    ],
)
def test_ends_of_utterances(said: str, read: str) -> None:
    """A secret read with pauses is cut into utterances: what is at their ends may be part of one."""
    assert shown(redacted(said, "card", numbers=False)) == read


@pytest.mark.parametrize(
    ("kind", "said", "read"),
    [
        ("card", "ada 25", "ada {25}"),
        ("card", "ada 25 eh", "ada {25} eh"),
        ("card", "ada 25 orang", "ada 25 orang"),
        ("card", "kartu empat", "kartu {empat}"),
        ("names", "itu Bud", "itu {Bud}"),
        ("names", "itu Budi", "itu [NAME]"),
        ("email", "ke budi", "ke {budi}"),
        ("email", "ke budi titik", "ke {budi} {titik}"),
        ("email", "kami bertemu di", "kami bertemu {di}"),
        ("email", "ke budi at kantor tit", "ke {budi} {at} {kantor} {tit}"),
    ],
)
def test_what_may_become_a_secret_is_held(kind: Secret, said: str, read: str) -> None:
    """Until it is known what it is, and what is held is not settled."""
    names = ("Budi Santoso",) if kind == "names" else ()
    passage = redacted(said, kind, ended=False, numbers=False, redact_names=names)
    assert shown(passage) == read
    assert not any(token.held for token in passage.tokens[: passage.settled])


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("halo Budi, apa kabar", "halo [NAME], apa kabar"),
        ("halo budi santoso apa kabar", "halo [NAME] apa kabar"),
        ("Santoso's dan Budinya", "[NAME] dan [NAME]"),
        ("pak Budi. Ghazali", "pak [NAME]. [NAME]"),
        ("Al Ghazali datang al dente", "[NAME] datang al dente"),
        ("the van is here, Ana van Dyk too", "the van is here, [NAME] too"),
        ("budiman dan anak", "budiman dan anak"),
        ("Sonya dan so", "[NAME] dan so"),
        ("please ask Bill", "please ask [NAME]"),
        ("please ask Bill eh", "please ask [NAME] eh"),
        ("ask Bill about it", "ask Bill about it"),
        ("we asked Ana van", "we asked [NAME]"),
    ],
)
def test_names(said: str, read: str) -> None:
    """Whole or in part, in any case, with what is put behind them, cut by a pause; words that hold one are not."""
    names = ("Budi Santoso", "Al Ghazali", "Ana van Dyk", "Sonya", "Bill Hendriksen")
    assert shown(redacted(said, "names", redact_names=names)) == read
    assert shown(redacted(said, "names", participants=names)) == read


def test_hidden_words_are_masked_with_what_they_are_part_of() -> None:
    """What is not shown was heard all the same: a filler or a slip within a secret, or beside it."""
    passage = redacted("kartu 4111 eh 4111 1111 1111 itu eh", "card", fillers=False)
    assert [(token.text, token.first, token.behind, token.masked) for token in passage.tokens] == [
        ("kartu", 0, 1, False),
        ("[CARD]", 1, 6, True),
        ("itu", 6, 7, False),
        ("", 7, 8, False),
    ]


def test_hidden_digits_alone_are_masked() -> None:
    """A run that is all hidden stays so, but nobody learns what it was."""
    hidden = Replacement("4111", "")
    passage = redacted("ini empat satu satu satu itu saja", "card", replace=(hidden,))
    assert [(token.text, token.masked) for token in passage.tokens] == [
        ("ini", False),
        ("", True),
        ("itu", False),
        ("saja", False),
    ]


def test_replaced_words_are_read_as_they_were_heard() -> None:
    """Neither a term nor a replacement hides digits that were heard, nor brings any back."""
    term = Term("Kode", ("empat satu satu satu",))
    passage = redacted("pakai empat satu satu satu saja", "card", vocabulary=(term,))
    assert shown(passage) == "pakai [NUMBER] saja"
    replacement = Replacement("kartu saya", "4111 1111 1111 1111")
    assert "1" not in shown(redacted("ini kartu saya ya", "card", replace=(replacement,)))


def test_several_kinds_of_numbers_within_a_token() -> None:
    """With `numbers` the figures of amounts are masked, their signs and units stay."""
    assert shown(redacted("It is 50% or $5 on October 9, 2026.", "numbers", language="en")) == (
        "It is [NUMBER]% or [NUMBER] on October [NUMBER], [NUMBER]."
    )


@given(st.lists(st.text(min_size=1)), st.booleans(), st.sampled_from(["id", "en", None]))
def test_total(words: list[str], ended: bool, language: str | None) -> None:
    """Whatever is heard, nothing is raised, and every word is in one token."""
    heard = [word.strip() or "x" for word in words]
    formatting = Formatting(redact=SECRETS, redact_names=("Budi Santoso",))
    passage = format_passage(passage_of(heard, ended=ended), formatting, language)
    assert [place for token in passage.tokens for place in range(token.first, token.behind)] == list(range(len(heard)))


@pytest.mark.parametrize("name", ["José Müller", "Jose\u0301 Mu\u0308ller", "Jo\u00adsé\tMüller"])
@pytest.mark.parametrize("said", ["José Müller", "Jose\u0301 Mu\u0308ller", "JOSÉ MÜL\u200bLER", "Mu\u0308ller's"])
def test_names_are_masked_however_unicode_spells_them(name: str, said: str) -> None:
    """Composed or not, and with what nobody sees in them, on either side."""
    passage = redacted(f"saya {said} ya", "names", redact_names=(name,))
    assert shown(passage) == "saya [NAME] ya"
