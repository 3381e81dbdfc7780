"""What holds of the formatter whatever is said, in any language and with any options."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream_server.text.formatter import join, tidy
from stream_server.text.formatting import SECRETS, Formatting, Replacement, Term
from stream_server.text.tokens import Passage, passage_of
from tests.text.golden_cases import LANGUAGES, load
from tests.text.once import format_passage
from tests.text.talk import PLAIN, SPOKEN, languages, talk

FILTERED = Formatting(fillers=False, repairs=False)
PLAIN_OPTIONS = (
    Formatting(),
    FILTERED,
    Formatting(numbers=False, spelling=False),
    Formatting(punctuation=False, capitals=False),
    Formatting(vocabulary=(Term("Meemo", ("mimo", "me mo")), Term("Rumah Sakit")), participants=("Budi Santoso",)),
)
FINAL_WORD = (
    Formatting(replace=(Replacement("satu", "uno"), Replacement("two", ""))),
    Formatting(redact=SECRETS, redact_names=("budi",)),
)
"""Options whose words are not those that were heard."""

EXAMPLES = max(500, settings().max_examples)

raws = st.booleans()

Said: TypeAlias = tuple[str | None, list[str], list[float | None]]


def shown(passage: Passage) -> str:
    """Return what people read."""
    return join(token.text for token in passage.tokens)


@given(talk(), st.sampled_from(PLAIN_OPTIONS), raws)
def test_every_word_is_spoken_once(said: Said, options: Formatting, raw: bool) -> None:
    """The words of which tokens are made are those that were heard, each once and in order; so times never move."""
    language, words, silences = said
    tokens = format_passage(passage_of(words, silences), options, language, raw=raw).tokens
    assert [place for token in tokens for place in range(token.first, token.behind)] == list(range(len(words)))
    assert all(token.first < token.behind for token in tokens)


@given(talk(), st.sampled_from([options for options in PLAIN_OPTIONS if options.punctuation]), raws)
@settings(max_examples=EXAMPLES)
def test_twice_is_once(said: Said, options: Formatting, raw: bool) -> None:
    """What people read, heard again with the same silences, reads the same.

    Without marks it may not: two numbers between which one stood can be one.
    """
    language, words, silences = said
    once = format_passage(passage_of(words, silences), options, language, raw=raw)
    visible = [token for token in once.tokens if token.text]
    again = [(word, token.pause if first else 0.0) for token in visible for first, word in _words(token.text)]
    twice = format_passage(passage_of([w for w, _ in again], [p for _, p in again]), options, language, raw=raw)
    assert shown(twice) == shown(once)


def _words(text: str) -> list[tuple[bool, str]]:
    return [(place == 0, word) for place, word in enumerate(text.split())]


@given(st.lists(st.text(min_size=1).map(lambda word: tidy([word])[0]).filter(bool)), languages, raws)
@settings(max_examples=EXAMPLES)
def test_any_text_at_all(words: list[str], language: str | None, raw: bool) -> None:
    """Whatever is written somewhere can be formatted, with any options."""
    for options in (*PLAIN_OPTIONS, *FINAL_WORD):
        format_passage(passage_of(words), options, language, raw=raw)


@given(talk(), st.lists(st.sampled_from([*SPOKEN["id"], *SPOKEN["en"]]), max_size=6), st.integers(0, 5), raws)
@settings(max_examples=EXAMPLES)
def test_settled_words_stay(said: Said, more: list[str], unsure: int, raw: bool) -> None:
    """Whatever is said next, and however the unsure words turn out, the settled ones stand as they were shown."""
    language, words, silences = said
    count = max(0, len(words) - unsure)
    for options in (*PLAIN_OPTIONS, *FINAL_WORD):
        early = format_passage(passage_of(words, silences, settled=count, ended=False), options, language, raw=raw)
        later, quiet = words[:count] + more, [*silences[:count], *[0.1] * len(more)]
        for ended in (False, True):
            late = format_passage(passage_of(later, quiet, ended=ended), options, language, raw=raw)
            assert late.tokens[: early.settled] == early.tokens[: early.settled]
            assert ended or late.settled >= early.settled


@given(
    st.lists(st.sampled_from(PLAIN), min_size=1, unique=True),
    languages,
    raws,
)
def test_plain_words_settle_soon(words: list[str], language: str | None, raw: bool) -> None:
    """Where no number grows, and no repetition, at most the last two words are open."""
    for options in PLAIN_OPTIONS:
        passage = format_passage(passage_of(words, ended=False), options, language, raw=raw)
        assert passage.settled >= len(passage.tokens) - 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_golden_cases_twice(language: str) -> None:
    """What people are to read of the golden cases stays as it is when it is formatted once more."""
    wrong = []
    for case in load(language, "seen"):
        if case.kind in {"replace", "redaction", "paragraphs"} or case.options.get("punctuation") is False:
            continue
        again = replace(case, input=case.formatted(), raw=False).formatted()
        if again != case.formatted():
            wrong.append((case.kind, case.formatted(), again))
    assert wrong == []


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "wait...,... now"),
        ("en", "call dr... now"),
        ("id", "tetapi tetapi. kilometer"),
        ("id", "sampai yang sampe yang budi"),
        ("en", 'um, "hello" it, it.'),
        ("en", "one m s one"),
    ],
)
def test_twice_is_once_where_stages_meet(language: str, said: str) -> None:
    """What one stage writes is nothing that an earlier one would have changed."""
    once = shown(format_passage(passage_of(said.split()), FILTERED, language, raw=True))
    assert shown(format_passage(passage_of(once.split()), FILTERED, language, raw=True)) == once


@pytest.mark.parametrize(
    ("language", "said", "silence"),
    [
        ("en", "2 may degrees", 3.0),
        ("en", "minute point 5", 3.0),
        ("en", "ten minus one?", 0.4),
        ("en", "1-1-1-9 hundred", 0.4),
        ("en", "to 14.30 five", 0.4),
        ("en", "The first may be wrong.", 0.4),
        ("en", "at one twenty dollars", 0.4),
        ("en", "1-1-1-9 a.m.", 0.8),
        ("en", "to 14.30 celsius", 0.8),
        ("id", "5jt 500rb", 0.8),
        ("id", "64GB minus 1.250", 0.4),
    ],
)
def test_twice_is_once_around_pauses(language: str, said: str, silence: float) -> None:
    """A mark that a pause is given changes nothing of what was written without it."""
    words = said.split()
    for place in range(len(words)):
        pauses = [silence if place == each else 0.0 for each in range(len(words))]
        once = format_passage(passage_of(words, pauses), Formatting(), language, raw=True)
        again = [(word, token.pause if first else 0.0) for token in once.tokens for first, word in _words(token.text)]
        twice = passage_of([word for word, _ in again], [pause for _, pause in again])
        assert shown(format_passage(twice, Formatting(), language, raw=True)) == shown(once)
