"""E-mail addresses, written or spoken out, whole or as they grow. Pure.

The stage of addresses has written most of them already; what is left are those of which it does not run, or that it
does not take for one: too much is found here rather than too little.
"""

from __future__ import annotations

from stream_server.text.redaction.readings import NUMERIC, read
from stream_server.text.rewriting import Reader
from stream_server.text.top_level_domains import TOP_LEVEL_DOMAINS

_AT = frozenset({"at", "et", "@", "ad"})
_DOT = frozenset({"dot", "titik", "point", "."})
_DASHES = frozenset({"strip", "minus", "dash", "hyphen", "-"})
_BETWEEN = _DOT | _DASHES | {"underscore", "_"}
_PROVIDERS = frozenset({"gmail", "yahoo", "hotmail", "outlook", "icloud", "proton", "protonmail", "ymail"})
"""Who names these says where a mailbox is without its domain."""

_PAIRS = {("a", "keong"): "@", ("garis", "bawah"): "_", ("garis", "datar"): "-", ("tanda", "hubung"): "-"}


class Chain:
    """Reads words that may be an address, from `reader`'s place on."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._last = ""
        self.count = 0
        """Tokens read."""
        self.at_end = False
        """Whether it read up to where no word is yet."""

    def is_address(self) -> bool:
        """Read on as long as it may be an address; tell whether it is one."""
        if not self._word():
            return False
        if "@" not in self._last:
            while self._take(_BETWEEN) or self._is_spelled():
                if not self._word():
                    return False
            if "@" not in self._last and not (self._take(_AT) and self._word()):
                return False
        domain = self._last.rpartition("@")[2]
        named = "." in domain or domain in _PROVIDERS
        while (dotted := self._take(_DOT, keep=named)) or (not named and self._take(_DASHES)):
            if not self._word():
                break
            named = named or dotted
        known = self._last.rpartition(".")[2] in TOP_LEVEL_DOMAINS
        return named and (known or not self._take(_AT))  # "see you at budi dot santoso at ...": not yet

    def _word(self) -> bool:
        token = self._peek(self.count)
        if token is None or not any(character.isalnum() for character in token):
            return False
        self._last, self.count = token, self.count + 1
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
        if first not in marks:
            if first in _BEGINNINGS or self.count > 1 or "." in self._last:
                self._peek(self.count + length)  # the last word may be a mark that is half heard
            return False
        if keep and self._peek(self.count + length) is None:
            return False
        self.count += length
        return True

    def _is_spelled(self) -> bool:
        """Tell whether the next word is a letter behind a letter, or a digit: part of a mailbox that is spelled."""
        following = self._peek(self.count)
        if following is None or following in _AT:
            return False
        if len(following) == 1 and following.isalnum():
            return len(self._last) == 1 or following.isdigit()
        return all(each.sort in NUMERIC for each in read(following))

    def _peek(self, ahead: int) -> str | None:
        token = self._reader.peek(ahead)
        if token is None:
            self.at_end = True
            return None
        return token.text.casefold().strip(",;:!?…\"'()<>[]").removesuffix(".") or token.text


_FIRSTS = frozenset(first for first, _ in _PAIRS)
_BEGINNINGS = frozenset(word[:length] for word in _AT | _BETWEEN | _FIRSTS for length in range(1, len(word)))
