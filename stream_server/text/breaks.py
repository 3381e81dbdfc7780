"""Where text may be broken between two words, best places first: for lines and for cues of subtitles. Pure.

The order is that of the BBC's subtitle guidelines, "Break lines at natural points" (https://www.bbc.co.uk/accessibility/
forproducts/guides/subtitles/), and of Netflix's timed text style guide, "Line treatment": behind punctuation, before
conjunctions and prepositions, and never between a word and what it belongs to, as an article to its noun.
"""

from __future__ import annotations

from enum import IntEnum

_SENTENCE_ENDS = ".?!…。？！؟।"
_CLAUSE_ENDS = ",;:—–、，；：،؛"
_CLOSING = "\"'”’»)]}」』"

_TITLES = {"mr.", "mrs.", "ms.", "dr.", "prof.", "st.", "bpk.", "ir.", "drs.", "no."}
"""Abbreviations that belong to the name or number behind them; English and Indonesian."""

_LEADING = {
    "and", "but", "or", "nor", "so", "yet", "because", "although", "though", "if", "unless", "when", "while", "where",
    "which", "who", "whose", "that", "as", "than", "until", "since", "before", "after", "at", "by", "for", "from", "in",
    "into", "of", "on", "over", "through", "to", "under", "with", "without", "about", "between",
    "dan", "tapi", "tetapi", "atau", "karena", "sehingga", "jika", "kalau", "ketika", "saat", "yang", "bahwa", "di",
    "ke", "dari", "untuk", "pada", "dengan", "tanpa", "tentang", "oleh", "agar", "supaya", "sebelum", "sesudah",
}  # fmt: skip
"""Conjunctions and prepositions, before which a phrase begins; English and Indonesian."""

_CLINGING = {
    "a", "an", "the", "my", "your", "his", "her", "its", "our", "their", "this", "these", "those", "some", "any", "no",
    "every", "each", "i", "you", "he", "she", "we", "they", "very", "not", "is", "are", "was", "were", "be", "been",
    "have", "has", "had", "will", "would", "can", "could", "should", "must", "do", "does", "did",
    "para", "sebuah", "seorang", "si", "sang", "tidak", "bukan", "belum", "akan", "sudah", "telah", "sedang", "sangat",
    "saya", "kami", "kita", "mereka",
}  # fmt: skip
"""Words that belong to the next: articles, determiners, pronouns and auxiliaries; English and Indonesian."""


class Break(IntEnum):
    """How good a place is; less is better."""

    SENTENCE = 0
    CLAUSE = 1
    PHRASE = 2
    ANYWHERE = 3
    CLINGING = 4


def judge(before: str, after: str) -> Break:
    """Return how good it is to break between two words."""
    bare = before.rstrip(_CLOSING)
    word = bare.casefold()
    if word in _TITLES:
        return Break.CLINGING
    if bare.endswith(tuple(_SENTENCE_ENDS)):
        return Break.SENTENCE
    if bare.endswith(tuple(_CLAUSE_ENDS)):
        return Break.CLAUSE
    if word in _CLINGING or word in _LEADING:
        return Break.CLINGING
    return Break.PHRASE if after.casefold().strip(_CLAUSE_ENDS) in _LEADING else Break.ANYWHERE
