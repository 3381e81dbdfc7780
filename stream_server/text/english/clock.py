"""English times of the day: three thirty p m, half past three, quarter to five, at three thirty, 3.30 pm. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from stream_server.text.english.hours import Time, counts, hour, meridiem, time
from stream_server.text.english.lexicon import TEENS, UNITS, lexeme
from stream_server.text.english.measures import is_counted
from stream_server.text.rewriting import Part
from stream_server.text.runs import Run

_STEPS = {5, 10, 20, 25}
"""Minutes that people count to the hour that comes."""
_BEFORE_TIMES = {"at", "by", "until", "till", "from", "around", "about", "before", "after", "to"}
_BEFORE_COUNTED = {"at", "by", "until", "till", "around", "about", "before", "after", "it's", "nearly"}
"""Before these five to three is a time, and no score."""
_BEFORE_ANY_MINUTE = {"at", "until", "till", "before", "after", "around"}
"""Before these, two numbers with a point are a time whatever the minutes; before the rest only at a quarter."""
_QUARTERS = {"00", "15", "30", "45"}
_PARTS_OF_DAY = {
    ("in", "the", "morning"), ("in", "the", "afternoon"), ("in", "the", "evening"), ("at", "night"), ("tonight",),
    ("this", "morning"), ("this", "afternoon"), ("this", "evening"), ("tomorrow", "morning"), ("sharp",),
}  # fmt: skip
_BEGINNINGS = {
    "we", "the", "it", "this", "that", "they", "he", "she", "you", "then", "and", "but", "so", "please", "let", "let's",
    "i'll", "our", "if", "is", "are", "do", "does", "what", "there", "who", "after", "yes", "no", "okay", "thanks",
}  # fmt: skip
"""With a capital they begin a sentence, where a name need not."""
_GLUED = re.compile(r"([0-9]{1,2})(?:[.:]?([0-5][0-9]))?([ap])\.?m")


def rule(run: Run) -> Sequence[Part] | None:
    """Write times of the day; a bare hour stays one."""
    return _glued(run) or _counted(run) or _said(run) or _o_clock(run)


def _glued(run: Run) -> Sequence[Part] | None:
    """Write 3:30pm."""
    found = _GLUED.fullmatch(run.key(0))
    if found is None or not 1 <= int(found[1]) <= 12:
        return None
    return [_written(run, Time(int(found[1]), found[2] or "", 1), f"{found[3].upper()}M", 1)]


def _counted(run: Run) -> Sequence[Part] | None:
    """Write half past three, a quarter to five, ten past two, twenty minutes to six."""
    start = int(run.key(0) == "a")
    key = run.key(start)
    named = False
    if key == "quarter" or (key == "half" and not start):
        minutes, at = 15 if key == "quarter" else 30, start + 1
    elif start:
        return None
    else:
        minutes, at = _minutes(run)
        named = bool(minutes) and run.key(at) in {"minutes", "minute"}
        at += named
    way = run.key(at) if minutes else ""
    found = hour(run, at + 1) if way == "past" or (way == "to" and minutes != 30) else None
    if found is None or is_counted(run.key(found[1])):
        return None
    if minutes not in {15, 30} and not _is_time(run, minutes, found, way, named=named):
        return None
    total = found[0] * 60 + (minutes if way == "past" else -minutes)
    return [with_meridiem(run, Time((total // 60 - 1) % 12 + 1, f"{total % 60:02}", found[1]))]


def _is_time(run: Run, minutes: int, found: tuple[int, int], way: str, *, named: bool) -> bool:
    """Whether so many minutes are told: five to three may be a score, and ten minutes to five people a gift."""
    before = run.before()
    if before in {"from", "between"}:
        return False
    if way == "past":
        return True
    if named:
        return run.key(found[1]) == "" or meridiem(run, found[1]) is not None
    told = before in _BEFORE_COUNTED or (before in {"is", "was"} and run.before(2) in {"it", "time"})
    told = told or (minutes > found[0] and (minutes >= 20 or not before))
    return minutes in _STEPS and told


def _minutes(run: Run) -> tuple[int, int]:
    """Return one to twenty-nine minutes, in words or digits, and where they end; 0 for none."""
    key = run.key(0)
    if key == "twenty" or key.startswith("twenty-"):
        unit = UNITS.get(key[7:] if "-" in key else run.key(1), 0)
        return 20 + unit, 1 + bool(unit and "-" not in key)
    value = UNITS.get(key, TEENS.get(key, 0))
    if not value and key.isascii() and key.isdigit() and len(key) < 3 and int(key) < 30:
        value = int(key)
    return value, 1


def _said(run: Run) -> Sequence[Part] | None:
    """Write an hour and its minutes where something says that they are a time."""
    found = time(run)
    if found is None:
        return None
    if 1 <= found.hour <= 12 and meridiem(run, found.behind) is not None:
        return [with_meridiem(run, found)]
    if not found.minute or ":" in run.key(0):
        return None
    following = run.beside(found.behind - 1)[1]
    if counts(run, found.behind) or lexeme(following) is not None or is_counted(following):
        return None
    if not _is_expected(run, found):
        return None
    return [run.write(found.text, found.behind)]


def _is_expected(run: Run, found: Time) -> bool:
    """Whether the words around make an hour and minutes of two numbers."""
    before = run.before()
    if found.behind == 1 and before in _BEFORE_TIMES:
        return before in _BEFORE_ANY_MINUTE or found.minute in _QUARTERS
    if found.hour > 12 or run.key(0).isdigit():
        return before == "at" and found.behind > 1
    if before in _BEFORE_TIMES or any(run.keys(found.behind, count) in _PARTS_OF_DAY for count in (1, 2, 3)):
        return True
    other = time(run, found.behind + 1) if run.key(found.behind) in {"to", "until", "till"} else None
    return other is not None and other.minute != "" and not counts(run, other.behind)  # ten thirty to eleven thirty


def _o_clock(run: Run) -> Sequence[Part] | None:
    """Write five o'clock, and keep its last word."""
    found = hour(run, 0)
    if found is None or run.key(0).isdigit() or run.key(1) not in {"o'clock", "o’clock"}:
        return None
    return [run.write(str(found[0]), 1)]


def with_meridiem(run: Run, found: Time) -> Part:
    """Return a time with the half of the day that may stand behind it."""
    half = meridiem(run, found.behind)
    if half is None:
        return run.write(found.text, found.behind)
    return _written(run, found, *half)


def _written(run: Run, found: Time, half: str, behind: int) -> Part:
    """Return a time with its half of the day. The point of an abbreviation goes, unless it ends a sentence as well."""
    last = run.token(behind - 1)
    part = run.write(f"{found.text} {half}", behind)
    dotted = last is not None and last.key.endswith(".m") and last.trail[:1] == "." != last.trail[1:2]
    if not dotted or (run.earlier() and _ends_sentence(run, behind - 1)):
        return part
    return Part(part.count, part.text.replace(".", "", 1))


def _ends_sentence(run: Run, ahead: int) -> bool:
    """Whether a sentence ends with the token so many places ahead: nothing comes, or what begins another."""
    after = run.following(ahead)
    return after is None or (after.core[:1].isupper() and after.key in _BEGINNINGS)
