"""Raw words get marks from pauses and from what they say."""

from __future__ import annotations

import pytest

from stream_server.text.formatter import join
from stream_server.text.punctuation import punctuate
from stream_server.text.sentences import PHRASINGS
from stream_server.text.tokens import Passage, passage_of

PAUSES = {".": 0.2, "/": 0.4, "-": 0.5, "//": 0.8}
"""Seconds: one that can be heard, one worth a comma, nearly a full stop, and a full stop."""


def heard(text: str, *, ended: bool = True, continues: bool = False, cut: bool = False) -> Passage:
    """Return words as they were heard; between them `PAUSES`."""
    texts: list[str] = []
    pauses: list[float | None] = []
    pause = 0.0
    for word in text.split():
        if word not in PAUSES:
            texts.append(word)
            pauses.append(pause)
            pause = 0.0
        else:
            pause = PAUSES[word]
    return passage_of(texts, pauses, ended=ended, continues=continues, cut=cut)


def marked(language: str, passage: Passage) -> str:
    """Return the passage with marks."""
    return join(token.text for token in punctuate(passage, PHRASINGS[language]).tokens)


@pytest.mark.parametrize(
    ("language", "said", "read"),
    [
        ("en", "we met // they left", "we met. they left."),
        ("en", "one / two and / three", "one, two and three."),
        ("en", "the / the // plan", "the the plan."),
        ("en", "small but good // but late", "small, but good. but late."),
        ("en", "nothing but the truth", "nothing but the truth."),
        ("en", "well yes that works", "well, yes, that works."),
        ("en", "no one knows // no I do", "no one knows. no, I do."),
        ("en", "we did well then", "we did well then."),
        ("id", "selamat pagi // kita mulai", "selamat pagi. kita mulai."),
        ("id", "saya mau tapi tidak bisa", "saya mau, tapi tidak bisa."),
        ("id", "nah jadi kita mulai", "nah, jadi, kita mulai."),
        ("id", "baik sekali", "baik sekali."),
        ("id", "datang dan / pulang yang // lama", "datang dan pulang yang lama."),
    ],
)
def test_marks(language: str, said: str, read: str) -> None:
    """Pauses, words that turn, and words that begin; nothing behind a word that leads on."""
    assert marked(language, heard(said)) == read


def test_each_sentence_asks_for_itself() -> None:
    """A question mark belongs to the sentence with the question word, back to the last long pause."""
    assert marked("en", heard("do you know // we do // is it late")) == "do you know? we do. is it late?"
    assert marked("id", heard("kapan mulai // sekarang // siapa datang")) == "kapan mulai? sekarang. siapa datang?"


@pytest.mark.parametrize(
    ("language", "said", "read"),
    [
        ("en", "that is good . how much money did they bring", "that is good. how much money did they bring?"),
        ("en", "we met / can you come", "we met. can you come?"),
        ("en", "we met can you come", "we met can you come."),
        ("en", "you do not agree / do you", "you do not agree, do you?"),
        ("en", "I wonder . what is it", "I wonder what is it."),
        ("en", "the site / which should go", "the site, which should go."),
        ("en", "what worries me / is the page", "what worries me, is the page."),
        ("en", "okay / can you come", "okay, can you come?"),
        ("en", "Mr Smith / can you come", "Mr Smith, can you come?"),
        ("en", "ben / can you come", "ben, can you come?"),
        ("en", "we met // ben / can you come", "we met. ben, can you come?"),
        ("id", "saya setuju / siapa yang mulai", "saya setuju. siapa yang mulai?"),
        ("id", "saya tahu / di mana rumahnya", "saya tahu, di mana rumahnya."),
        ("id", "sudah selesai / bisakah kita mulai", "sudah selesai. bisakah kita mulai?"),
    ],
)
def test_questions_begin_sentences(language: str, said: str, read: str) -> None:
    """Behind a pause that can be heard one does, but not behind a name, an opener, or what it is the object of."""
    assert marked(language, heard(said)) == read


@pytest.mark.parametrize(
    ("language", "said", "read"),
    [
        ("en", "we are done - thank you all", "we are done. thank you all."),
        ("en", "we met / they left", "we met, they left."),
        ("en", "when we met - they left", "when we met, they left."),
        ("en", "last week - we met", "last week, we met."),
        ("en", "okay - we know", "okay, we know."),
        ("en", "we know - it is late", "we know, it is late."),
        ("en", "how much did they bring in // a lot", "how much did they bring in? a lot."),
        ("id", "saya setuju - kita mulai", "saya setuju. kita mulai."),
        ("id", "kalau dia setuju - kita mulai", "kalau dia setuju, kita mulai."),
        ("id", "minggu lalu - kita mulai", "minggu lalu, kita mulai."),
    ],
)
def test_words_begin_sentences(language: str, said: str, read: str) -> None:
    """A pause that is nearly long ends what makes a sentence if a word comes that begins one."""
    assert marked(language, heard(said)) == read


def test_what_is_marked_stays() -> None:
    """A word that has a mark gets no second one, and its full stop ends the sentence."""
    assert marked("en", heard("is it. yes, we can // okay!")) == "is it. yes, we can. okay!"


def test_cuts() -> None:
    """What is cut has no end, and what goes on no beginning."""
    assert marked("en", heard("well we think the", cut=True)) == "well, we think the"
    assert marked("en", heard("well we think", continues=True)) == "well we think."


def test_one_word_is_open() -> None:
    """A partial has no end of its own; only what its last word gets is unknown."""
    passage = punctuate(heard("we met // they left", ended=False), PHRASINGS["en"])
    assert join(token.text for token in passage.tokens) == "we met. they left"
    assert passage.settled == 3
