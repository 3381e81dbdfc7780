"""What a rule has read as one is kept in one piece where the speaker paused, so that no mark gets between. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from stream_server.text.rewriting import Part, Reader, Rule
from stream_server.text.sentences.phrasing import NOTICED_PAUSE


def unbroken(rule: Rule) -> Rule:
    """Return the rule with parts joined over pauses: *11*, a pause, *miliar* are one token, *11 miliar*."""

    def answer(reader: Reader) -> Sequence[Part] | None:
        parts = rule(reader)
        if not parts or not _is_broken(reader, sum(part.count for part in parts)):
            return parts
        joined: list[Part] = []
        place = 0
        for part in _single(reader, parts):
            before = joined[-1] if joined else None
            if before is not None and _paused(reader, place):
                joined[-1] = Part(before.count + part.count, f"{before.text} {part.text}")
            else:
                joined.append(part)
            place += part.count
        return joined

    return answer


def _is_broken(reader: Reader, count: int) -> bool:
    return any(_paused(reader, place) for place in range(1, count))


def _paused(reader: Reader, place: int) -> bool:
    token = reader.peek(place)
    return token is not None and (token.pause or 0.0) >= NOTICED_PAUSE


def _single(reader: Reader, parts: Sequence[Part]) -> Iterator[Part]:
    """Return the parts with their texts, and each kept token by itself."""
    place = 0
    for part in parts:
        for at in range(place, place + part.count) if part.kept else ():
            token = reader.peek(at)
            yield Part(1, "" if token is None else token.text)
        if not part.kept:
            yield part
        place += part.count
