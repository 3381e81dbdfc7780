"""How the marks of addresses are said in each language. Tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SpokenMarks:
    """The words for the marks of an address in a language, and those that stand in front of one but in none."""

    words: Mapping[str, str]
    """Each mark by its words: "garis miring" is a slash."""
    never: frozenset[str]
    """Words that are no mailbox and no site: look at example.com, the dot com."""


_NEVER_ENGLISH = """
    a an the this that these those my your his her its our their some any every each no all and or but so if
    is are was were be been am do does did done i me we us you he him she it they them who what where when to
    of in on by for from with up out down over off here there back now then again also just only not look
    looks looked looking go goes went gone going come came visit visited meet met see saw seen find found work
    works worked working live lives lived living page site website web online available hosted located stay
    stayed check checked start started arrive arrived buy bought shop order ordered register registered sign
    signed log logged email mail address stop point big old new first last one
"""
_NEVER_INDONESIAN = """
    yang dan atau tapi di ke dari untuk pada dengan ini itu ada adalah saya kami kita dia mereka anda kamu
    sampai sebuah satu para alamat email situs lihat buka kunjungi pada oleh akan sudah belum tidak bukan the
    a an is are to of in on
"""
ENGLISH = SpokenMarks(
    {"dot": ".", "at": "@", "underscore": "_", "dash": "-", "hyphen": "-", "slash": "/", "colon": ":", "minus": "-"},
    frozenset(_NEVER_ENGLISH.split()),
)
INDONESIAN = SpokenMarks(
    {
        "titik": ".", "dot": ".", "at": "@", "et": "@", "a keong": "@", "garis bawah": "_", "underscore": "_",
        "strip": "-", "minus": "-", "dash": "-", "garis miring": "/", "slash": "/", "titik dua": ":",
    },
    frozenset(_NEVER_INDONESIAN.split()),
)  # fmt: skip
