"""Read a transcript from JSON: records of `/v1/records`, `final` messages, and plain lists of turns.

A turn is an object with some of `speaker`, `start`, `end` and `text`. Times may be called `start_seconds` too, as on
our wire, or `start_time`, as in SegLST; a speaker is a name, a number or `{"id", "name"}`, and a list of the latter in
`speakers` beside the turns tells names. Where words carry speakers of their own, a turn is cut wherever they change.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeAlias

from stream_server.evaluate.fields import Place, check_order, read_seconds
from stream_server.evaluate.transcript import Segment, Transcript
from stream_server.text.formatter import join

Item: TypeAlias = dict[str, Any]
Names: TypeAlias = dict[int, str]

LISTS = ("segments", "utterances", "finals", "turns", "messages", "events")
"""What the list of turns may be called in an object around it."""


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    speaker: str | None
    times: tuple[float, float] | None


def parse_json(content: str, place: Place) -> Transcript:
    """Read a list of turns, an object that holds one, or one object a line."""
    value, per_line = _load(content, place)
    items, language = _items(value, place)
    names = _names(value)
    segments: list[Segment] = []
    languages = {language} if language else set()
    for number, item in enumerate(items, start=1):
        here = Place(place.source, f"{'line' if per_line else 'item'} {number}")
        if not isinstance(item, dict):
            raise here.wrong("a turn must be an object")
        if not _is_turn(item, here):
            continue
        segments += _segments(item, names, here)
        if isinstance(item.get("language"), str):
            languages.add(item["language"])
    return Transcript(segments=tuple(segments), language=languages.pop() if len(languages) == 1 else None)


def _load(content: str, place: Place) -> tuple[Any, bool]:
    """Return the value, and whether it was one object a line."""
    try:
        return json.loads(content), False
    except RecursionError:
        raise place.wrong("the JSON is nested too deeply") from None
    except ValueError as error:
        lines = [line for line in content.splitlines() if line.strip()]
        if len(lines) < 2 or not lines[0].lstrip().startswith("{") or not lines[0].rstrip().endswith("}"):
            at = place.line(error.lineno) if isinstance(error, json.JSONDecodeError) else place
            raise at.wrong("this is no JSON") from None
    return list(_load_lines(content, place)), True


def _load_lines(content: str, place: Place) -> Iterator[Any]:
    for number, line in enumerate(content.splitlines(), start=1):
        try:
            # An empty line keeps its number: a message that is no turn.
            yield json.loads(line) if line.strip() else {"type": ""}
        except (ValueError, RecursionError):
            raise place.line(number).wrong("this is no JSON") from None


def _items(value: Any, place: Place) -> tuple[list[Any], str | None]:
    """Return the turns and the language of the whole, if it is told."""
    if isinstance(value, list):
        return value, None
    if isinstance(value, dict):
        language = value.get("language")
        found = [value[name] for name in LISTS if isinstance(value.get(name), list)]
        if len(found) == 1:
            return found[0], language if isinstance(language, str) else None
        if not found and ("text" in value or "words" in value):
            return [value], None
    raise place.wrong(f"JSON must be a list of turns, or an object with one of {', '.join(LISTS)}")


def _is_turn(item: Item, place: Place) -> bool:
    """Tell whether an item is a turn: what is no `final` among messages of ours is passed over."""
    kind = item.get("type", "final")
    if kind == "revision":
        raise place.wrong("these messages were revised later; evaluate the record of the session instead")
    return bool(kind == "final")


def _names(value: Any) -> Names:
    """Return what a record calls its speakers, by their ids; what is no such list names nobody."""
    speakers = value.get("speakers") if isinstance(value, dict) else None
    return {
        each["id"]: each["name"]
        for each in (speakers if isinstance(speakers, list) else ())
        if isinstance(each, dict) and isinstance(each.get("id"), int) and isinstance(each.get("name"), str)
    }


def _segments(item: Item, names: Names, place: Place) -> list[Segment]:
    speaker = _speaker(item.get("speaker"), names, place)
    times = _times(item, place)
    words, text = item.get("words"), item.get("text")
    if isinstance(words, str):
        words, text = None, words
    if text is not None and not isinstance(text, str):
        raise place.wrong("text must be a string")
    if isinstance(words, list):
        words = [word for word in words if not (isinstance(word, dict) and word.get("text") == "")]  # hidden
    if not words:
        text = "" if text is None and words == [] else text
        return [_segment(text, speaker, times)]
    if not isinstance(words, list):
        raise place.wrong("words must be a list")
    runs = [
        (who, list(run)) for who, run in groupby(_words(words, speaker, names, place), key=lambda word: word.speaker)
    ]
    if len(runs) == 1 and text is not None:
        return [_segment(text, runs[0][0], times or _span(runs[0][1]))]
    if len(runs) == 1 and times is not None:
        return [_segment(join(word.text for word in runs[0][1]), runs[0][0], times)]
    return [_segment(join(word.text for word in run), who, _span(run)) for who, run in runs]


def _words(words: list[Any], speaker: str | None, names: Names, place: Place) -> Iterator[_Word]:
    """Yield words; one without a speaker of its own is said by the turn's."""
    for word in words:
        if not isinstance(word, dict) or not isinstance(word.get("text"), str):
            raise place.wrong("each word must be an object with a text")
        yield _Word(word["text"], _speaker(word.get("speaker"), names, place) or speaker, _times(word, place))


def _span(words: list[_Word]) -> tuple[float, float] | None:
    """Return from when to when words were said; None if one of them does not tell."""
    times = [word.times for word in words if word.times is not None]
    if len(times) < len(words):
        return None
    return min(start for start, _ in times), max(end for _, end in times)


def _segment(text: str | None, speaker: str | None, times: tuple[float, float] | None) -> Segment:
    start, end = times or (None, None)
    return Segment(text=text, speaker=speaker, start=start, end=end)


def _times(item: Item, place: Place) -> tuple[float, float] | None:
    start, end = (_first(item, name, f"{name}_seconds", f"{name}_time") for name in ("start", "end"))
    if start is None or end is None:
        return None
    times = read_seconds(start, "start", place), read_seconds(end, "end", place)
    check_order(*times, place)
    return times


def _first(item: Item, *names: str) -> Any:
    return next((item[name] for name in names if item.get(name) is not None), None)


def _speaker(value: Any, names: Names, place: Place) -> str | None:
    """Return what to call a speaker: the name if there is one, else the id."""
    if isinstance(value, dict):
        value = _first(value, "name", "id")
    if isinstance(value, int) and value in names:
        value = names[value]
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise place.wrong("speaker must be a name, a number or an object with id and name")
    return f"speaker {value}" if isinstance(value, int) else value.strip() or None
