"""E-mail addresses, written or spoken out, whole, cut by a pause, or as they grow. Pure.

The stage of addresses has written most of them already; what is left are those of which it does not run, or that it
does not take for one: too much is found here rather than too little.
"""

from __future__ import annotations

import re

from stream_server.text.redaction.lexicon import NO_MAILBOX, NUMBER_WORDS, WHEREABOUTS
from stream_server.text.redaction.readings import NUMERIC, read
from stream_server.text.rewriting import Reader
from stream_server.text.top_level_domains import TOP_LEVEL_DOMAINS

_AT = frozenset({"at", "et", "@", "ad"})
_SURE_DOTS = frozenset({"dot", "titik", "."})
_DOT = _SURE_DOTS | {"point"}
"""All are one within an address; "point" alone is part of none: "that is a good point"."""

_DASHES = frozenset({"strip", "minus", "dash", "hyphen", "-"})
_UNDERSCORES = frozenset({"underscore", "_"})
_CUT_MARKS = _SURE_DOTS | _UNDERSCORES
_BETWEEN = _DOT | _DASHES | _UNDERSCORES
_PROVIDERS = frozenset({"gmail", "yahoo", "hotmail", "outlook", "icloud", "proton", "protonmail", "ymail"})
"""Who names these says where a mailbox is without its domain."""

_PAIRS = {("a", "keong"): "@", ("garis", "bawah"): "_", ("garis", "datar"): "-", ("tanda", "hubung"): "-"}

_PAGES = ("www.", "http://", "https://")
"""No mailbox begins so."""

_WRITTEN = re.compile(r"\w@\w")


class Chain:
    """Reads words that may be an address, from `reader`'s place on."""

    __slots__ = ("_domain", "_half", "_keys", "_last", "_reader", "_said", "at_end", "count")

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._last = ""
        self._said: list[str] = []
        """Words and marks."""
        self._domain = 0
        """Tokens that may be an address from its domain's beginning on: "at gmail", "example dot com"."""
        self._half = False
        """Whether the first word of a mark of two is behind, and no other."""
        self._keys: list[str] = []
        """What was read already, and maybe more than once."""
        self.count = 0
        """Tokens read."""
        self.at_end = False
        """Whether it read up to where no word is yet."""

    def is_address(self) -> bool:
        """Read on as long as it may be an address; tell whether it is one."""
        if not self._word() or self._is_alone():
            return False
        if "@" not in self._last:
            while self._take(_BETWEEN) or self._is_spelled():
                if not self._word():
                    return False
            if "@" not in self._last and not (self._take(_AT) and self._word()):
                return False
        written = _WRITTEN.search(self._last) is not None
        domain = self._last.rpartition("@")[2]
        named = "." in domain or domain in _PROVIDERS
        while (dotted := self._take(_DOT, keep=named)) or (not named and self._take(_DASHES)):
            if not self._word():
                break
            named = named or dotted
        known = self._last.rpartition(".")[2] in TOP_LEVEL_DOMAINS
        return written or (named and (known or not self._take(_AT)))  # "see you at budi dot santoso at ...": not yet

    def remainder(self) -> int:
        """Return how many tokens may be the rest of an address, as nothing but a pause is in front; 0 if none."""
        first = self._peek(0)
        if first is not None and not self._take(_AT | _CUT_MARKS) and first == "keong":  # behind "a", before the pause
            self.count, self._said = 1, ["@"]
        address, words = self.is_address(), self.count - 1
        if self._said[:1] and self._said[0] in _CUT_MARKS:
            return self.count if words > 0 else 0
        return 0 if address else self._domain

    def cut(self, *, alone: bool) -> int:
        """Return how many tokens may be part of an address, as nothing but a pause is behind; in front, if `alone`.

        What stands alone may be the whole domain.
        """
        if self._half:
            return self.count + 1 if self._last not in NO_MAILBOX else 0
        for place, mark in enumerate(self._said):
            sides = [*self._said[:place][-1:], *self._said[place + 1 :][:1]]
            if mark in _CUT_MARKS and not all(map(_is_numeric, sides)):
                return self.count
            if mark in _AT and sides and self._parts(place):
                return self.count
        whole = len(self._said) == 1 and (_is_dotted(self._last) or (alone and self._last in _PROVIDERS))
        return 1 if whole else 0

    def _parts(self, place: int) -> bool:
        """Tell whether an "at" so far on may part a mailbox and a domain: "see you at", "at home", "at five" do not."""
        mailbox, domain = self._said[:place][-1:], self._said[place + 1 :]
        return NO_MAILBOX.isdisjoint(mailbox) and not any(word in WHEREABOUTS or _is_numeric(word) for word in domain)

    def _is_alone(self) -> bool:
        """Tell whether nothing of an address is in a word, nor behind it, as with most: no more need be read."""
        if self.count > 1 or "@" in self._last or "." in self._last:
            return False
        following = self._peek(1)
        if following is None or following in _MARKS or following in _BEGINNINGS:
            return False
        return not (len(following) == 1 or _is_numeric(following))

    def _word(self) -> bool:
        token = self._peek(self.count)
        if token is None or not (token.isalnum() or any(map(str.isalnum, token))):
            return False
        before = self._said[-1:]
        self._said.append(token)
        self._last, self.count = token, self.count + 1
        if (
            _is_domain(token)
            or (token in TOP_LEVEL_DOMAINS and not _DOT.isdisjoint(before))
            or (token in _PROVIDERS and not _AT.isdisjoint(before))
        ):
            self._domain = self.count
        return True

    def _take(self, marks: frozenset[str], *, keep: bool = False) -> bool:
        """Read a mark, in one word or two; one with nothing behind it is left if what is there is to `keep`."""
        first = self._peek(self.count)
        if first is None:
            return False
        length = 1
        if first in _FIRSTS and first not in marks:
            second = self._peek(self.count + 1)
            first, length = _PAIRS.get((first, second or ""), first), 2
            self._half = second is None
        if first not in marks:
            if first in _BEGINNINGS or self.count > 1 or "." in self._last:
                self._peek(self.count + length)  # the last word may be a mark that is half heard
            return False
        if keep and self._peek(self.count + length) is None:
            return False
        self.count += length
        self._said.append(first)
        return True

    def _is_spelled(self) -> bool:
        """Tell whether the next word is a letter behind a letter, or a digit: part of a mailbox that is spelled."""
        following = self._peek(self.count)
        if following is None or following in _AT:
            return False
        if len(following) == 1 and following.isalnum():
            return len(self._last) == 1 or following.isdigit()
        return _is_numeric(following)

    def _peek(self, ahead: int) -> str | None:
        keys = self._keys
        while len(keys) <= ahead:
            token = self._reader.peek(len(keys))
            if token is None:
                self.at_end = self.at_end or self._reader.is_open  # else it is no end, but too far to be read
                return None
            keys.append(token.text.casefold().strip(",;:!?…\"'()<>[]").removesuffix(".") or token.text)
        return keys[ahead]


_FIRSTS = frozenset(first for first, _ in _PAIRS)
_MARKS = _AT | _BETWEEN | _FIRSTS
_BEGINNINGS = frozenset(word[:length] for word in _MARKS for length in range(1, len(word)))


def _is_domain(word: str) -> bool:
    name, _, top = word.rpartition(".")
    return bool(name) and "@" not in name and top in TOP_LEVEL_DOMAINS and not _is_numeric(name)


def _is_dotted(word: str) -> bool:
    """Tell a mailbox by its marks: "john.smith1985", "budi_s"; not "14.30", "p.m", "Rp1.750", "www.prosa.ai"."""
    if not ("." in word or "_" in word) or word.startswith(_PAGES):
        return False
    parts = [part for part in re.split(r"[._]", word) if part]
    return len(parts) > 1 and any(part.isalpha() and len(part) > 1 for part in parts)


def _is_numeric(word: str) -> bool:
    if word.isascii() and word.isalpha():
        return word in NUMBER_WORDS
    return all(each.sort in NUMERIC for each in read(word))
