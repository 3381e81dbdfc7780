"""Secrets become masks: the last stage, so that nothing brings them back. Pure.

It reads what is shown and, of words that are hidden or replaced, what was heard. Of what is masked nobody learns more
than that it was said, and when. What may become part of a secret as more words come is held back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from stream_server.text.formatter import join
from stream_server.text.formatting import Formatting, Secret
from stream_server.text.redaction.digits import MANY, mask_of
from stream_server.text.redaction.emails import Chain
from stream_server.text.redaction.kinds import MASKS
from stream_server.text.redaction.names import Names
from stream_server.text.redaction.ordinals import length_of
from stream_server.text.redaction.readings import GAP, NUMERIC, Reading, read
from stream_server.text.redaction.runs import is_first, is_last, is_numeric, read_run
from stream_server.text.redaction.signed import is_group
from stream_server.text.rewriting import Part, Reader, rewrite
from stream_server.text.tokens import Passage, Token

_KEPT_MARKS = ".,!?;:…"
_QUOTES = "\"'“‘«"

_NUMBER = re.compile(
    r"(?:rp\.?|idr|usd|[$€£¥])?(?:(?<!\w)[-+−])?\d(?:[\d.,:/–-]*\d)?(?:(?:st|nd|rd|th)\b)?"
    r"(?: (?:ribu|juta|miliar|triliun|thousand|million|billion|trillion)\b)?",
    re.IGNORECASE,
)


def redacting(formatting: Formatting) -> Callable[[Passage, Sequence[Token]], Passage]:
    """Return what masks all that is to be redacted in a passage, given the words that it was made of."""
    names = Names((*formatting.redact_names, *formatting.participants))

    def redact(passage: Passage, heard: Sequence[Token]) -> Passage:
        stage = _Redaction(passage, heard, formatting.redact, names)
        return stage.restored(rewrite(stage.view, stage.rule))

    return redact


class _Redaction:
    """One passage's."""

    def __init__(self, passage: Passage, heard: Sequence[Token], wanted: Sequence[Secret], names: Names) -> None:
        self._tokens = {token.first: token for token in passage.tokens}
        self._heard = {token.first: token.text for token in heard}
        self._ended = passage.ended
        self._wanted = wanted
        self._masks_digits = not _DIGITS.isdisjoint(wanted)
        self._names = names
        self._readings: dict[int, list[Reading]] = {}
        """What words say, by the place of their first; each is looked at from several tokens."""
        self._held: set[int] = set()
        """Words at which a token begins that is held back."""
        self.view = replace(passage, tokens=tuple(self._seen(token) for token in passage.tokens))
        """The passage as it is read: hidden words are there."""

    def rule(self, reader: Reader) -> Sequence[Part] | None:
        """Mask what begins here."""
        token = reader.peek()
        assert token is not None  # a rule is asked at a token
        parts = self._email(reader) if "email" in self._wanted else None
        if parts is None and "names" in self._wanted:
            parts = self._name(reader, token)
        if parts is None and self._masks_digits:
            parts = self._number(reader, token)
        return parts

    def restored(self, passage: Passage) -> Passage:
        """Return a view with everything that is not masked as it was; what may yet be a secret is held."""
        tokens = tuple(token if token.masked else self._as_it_was(token) for token in passage.tokens)
        held = next((place for place, token in enumerate(tokens) if token.held), len(tokens))
        return replace(passage, tokens=tokens, settled=min(passage.settled, held))

    # ── what is looked for ──────────────────────────────────────────────────────────────────────────────────────────

    def _email(self, reader: Reader) -> Sequence[Part] | None:
        chain = Chain(reader)
        if chain.is_address():
            return self._masked(reader, chain.count, MASKS["email"])
        if chain.at_end:
            return self._hold(reader, max(1, chain.count))
        leads = is_first(reader, self._reads)
        if leads:
            rest = Chain(reader)
            if count := rest.remainder():
                return self._masked(reader, count, MASKS["email"])
            chain = rest if rest.count > chain.count else chain
        count = chain.cut(alone=leads)
        if not (count and is_last(reader, count, self._reads)):
            return None
        return self._masked_or_held(reader, count, MASKS["email"], hold=reader.is_open)

    def _name(self, reader: Reader, token: Token) -> Sequence[Part] | None:
        if self._names.may_begin(token.text):
            found = self._names.found(reader)
            cut = self._names.cut(reader, lambda count: is_last(reader, count, self._reads))
            if count := max(found, cut):
                return self._masked_or_held(reader, count, MASKS["names"], hold=cut > found and reader.is_open)
        if self._ended or not self._names.is_beginning(token.text) or reader.peek(1) is not None:
            return None
        return self._hold(reader, 1)

    def _number(self, reader: Reader, token: Token) -> Sequence[Part] | None:
        run = read_run(reader, self._reads, ended=self._ended)
        if run is not None and run.open:
            return self._hold(reader, run.count)
        mask = mask_of(run, self._wanted) if run is not None else None
        counted = run.count if run is not None and mask is not None else 0
        if "numbers" in self._wanted and (length := length_of(reader)) > counted:
            return self._masked(reader, length, MASKS["numbers"])
        if run is None:
            return self._number_inside(reader, token)
        return [Part(run.count, kept=True)] if mask is None else self._masked(reader, run.count, mask)

    def _number_inside(self, reader: Reader, token: Token) -> Sequence[Part] | None:
        """Mask numbers that are part of a token, and tokens that somebody put digits into."""
        readings = self._reads(token)
        if _WITH_DIGITS.isdisjoint([each.sort for each in readings]):
            return None
        if token.fixed and _holds_many(readings):
            return self._masked(reader, 1, MASKS["numbers"])
        if is_group(reader, self._reads):
            return self._masked_or_held(reader, 1, MASKS["numbers"], hold=reader.is_open)
        if "numbers" in self._wanted and (text := _NUMBER.sub(_masked_number, token.text)) != token.text:
            return [Part(1, text, masked=True)]
        return None

    # ── how it is read and written ──────────────────────────────────────────────────────────────────────────────────

    def _as_it_was(self, token: Token) -> Token:
        before, held = self._tokens[token.first], token.first in self._held
        return before if before.held == held else replace(before, held=held)

    def _seen(self, token: Token) -> Token:
        if token.masked or (token.text and not token.fixed):
            return token
        words = join(self._heard.get(place, "") for place in range(token.first, token.behind))
        return replace(token, text=f"{token.text} {words}".strip() or "…")

    def _reads(self, token: Token) -> list[Reading]:
        known = self._readings.get(token.first)
        if known is None:
            known = read(token.text)
            if not self._tokens[token.first].text and not is_numeric(known):
                known = [GAP]  # it is hidden
            self._readings[token.first] = known
        return known

    def _hold(self, reader: Reader, count: int) -> Sequence[Part]:
        for ahead in range(count):
            token = reader.peek(ahead)
            if token is not None:
                self._held.add(token.first)
        return [Part(count, kept=True)]

    def _masked_or_held(self, reader: Reader, count: int, mask: str, *, hold: bool) -> Sequence[Part]:
        return self._hold(reader, count) if hold else self._masked(reader, count, mask)

    def _masked(self, reader: Reader, count: int, mask: str) -> Sequence[Part]:
        """Return a mask for so many tokens, with the marks around them; nothing is shown if they were all hidden."""
        read_here = [token for ahead in range(count) if (token := reader.peek(ahead)) is not None]
        shown = [token for token in (self._tokens[each.first] for each in read_here) if token.text]
        if not shown:
            return [Part(count, masked=True)]
        lead = "".join(mark for mark in shown[0].lead if mark in _QUOTES)
        trail = "".join(mark for mark in shown[-1].trail if mark in _KEPT_MARKS or (mark in "\"'”’»" and lead))
        return [Part(count, f"{lead}{mask}{trail}", masked=True)]


_DIGITS = frozenset({"numbers", "card", "phone", "nik"})
_WITH_DIGITS = NUMERIC | {"typed"}


def _holds_many(readings: Sequence[Reading]) -> bool:
    """Tell whether numbers in a row have as many digits as a secret may not show."""
    digits = 0
    for each in readings:
        digits = digits + sum(len(p) if isinstance(p, str) else 1 for p in each.pieces) if each.sort in NUMERIC else 0
        if digits >= MANY:
            return True
    return False


def _masked_number(found: re.Match[str]) -> str:
    """Return the mask, but a digit that stands alone."""
    text, behind = found.group(), found.string[found.end() : found.end() + 1]
    return text if len(text) == 1 and behind in ("", " ") else MASKS["numbers"]
