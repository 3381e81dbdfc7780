from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_server.errors import InvalidConfiguration
from stream_server.evaluate.formats import PARSERS, SUFFIXES, format_of, parse
from stream_server.evaluate.transcript import Segment

SPEAKERS = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=8)
WORDS = st.lists(st.text(st.characters(categories=["L"]), min_size=1, max_size=6), max_size=5).map(" ".join)
TIMES = st.tuples(st.integers(0, 10_000_000), st.integers(0, 100_000)).map(lambda ms: (ms[0] / 1000, sum(ms) / 1000))


@st.composite
def segments(draw: st.DrawFn, *, words: bool = True) -> Segment:
    """Draw a turn with everything."""
    start, end = draw(TIMES)
    return Segment(text=draw(WORDS) if words else None, speaker=draw(SPEAKERS), start=start, end=end)


def test_formats_by_name() -> None:
    """The suffix names the format, in whatever case; each is one that there is."""
    assert set(SUFFIXES.values()) == set(PARSERS)
    assert [format_of(name) for name in ("a.STM", "b/c.txt", "d.wav", "e")] == ["stm", "text", None, None]


def test_an_unknown_format_is_refused() -> None:
    """The sentence lists those that there are."""
    with pytest.raises(InvalidConfiguration, match=r"^the reference: format must be one of text, stm"):
        parse("", "docx", "the reference")


def test_text() -> None:
    """Every line is words; a byte order mark and empty lines are none."""
    found = parse("\ufeffgood morning\r\n\n  everybody \n", "text", "x")
    assert [segment.text for segment in found.segments] == ["good morning", "everybody"]
    assert not found.carries("speakers")
    assert not found.carries("times")


def test_stm() -> None:
    """Comments, labels and regions that are not to be scored are passed over."""
    found = parse(
        ";; a comment\n"
        "m 1 Ann 0.0 1.5 <o,f0,female> good morning\n"
        "m 1 inter_segment_gap 1.5 2 <o,,>\n"
        "m 1 Ben 2 3 ignore_time_segment_in_scoring\n"
        "m 2 Ben 2 3.25\n",
        "stm",
        "x",
    )
    assert found.segments == (
        Segment(text="good morning", speaker="Ann", start=0.0, end=1.5),
        Segment(text="", speaker="Ben", start=2.0, end=3.25),
    )


def test_rttm() -> None:
    """Only SPEAKER lines are turns; there are no words."""
    found = parse(
        "SPKR-INFO m 1 <NA> <NA> <NA> unknown Ann <NA> <NA>\nSPEAKER m 1 0.50 1.25 <NA> <NA> Ann <NA> <NA>\n",
        "rttm",
        "x",
    )
    assert found.segments == (Segment(speaker="Ann", start=0.5, end=1.75),)
    assert not found.carries("words")
    assert not parse("", "rttm", "x").carries("words")


@pytest.mark.parametrize(
    ("form", "content", "sentence"),
    [
        ("stm", "m 1 Ann 0 1 fine\nm 1 Ann 2", "x, line 2: STM has file"),
        ("stm", "m 1 Ann zero 1 secret", "x, line 1: start must be"),
        ("stm", "m 1 Ann 3 2 secret", "x, line 1: the end is before the start"),
        ("stm", "m 1 Ann 0 1 a\n\nn 1 Ann 0 1 b", "x, line 3: this is another recording"),
        ("rttm", "SPEAKER m 1 0 1", "x, line 1: RTTM has eight fields"),
        ("rttm", "SPEAKER m 1 0 long <NA> <NA> Ann", "x, line 1: duration must be"),
        ("rttm", "SPEAKER m 1 0 1 <NA> <NA> Ann\nSPEAKER n 1 0 1 <NA> <NA> Ann", "x, line 2: this is another"),
    ],
)
def test_errors_name_the_line(form: str, content: str, sentence: str) -> None:
    """Who has to mend a file is told where, and no word of it is repeated."""
    with pytest.raises(InvalidConfiguration) as caught:
        parse(content, form, "x")
    assert caught.value.message.startswith(sentence)
    assert "secret" not in caught.value.message


@given(st.lists(segments(), max_size=8))
def test_stm_round_trip(turns: list[Segment]) -> None:
    """What is written as STM is read as it was."""
    lines = [f"m 1 {turn.speaker} {turn.start} {turn.end} <o> {turn.text}\n" for turn in turns]
    wanted = [turn for turn in turns if turn.speaker not in ("inter_segment_gap", "excluded_region")]
    assert list(parse("".join(lines), "stm", "x").segments) == wanted


@given(st.lists(segments(words=False), max_size=8))
def test_rttm_round_trip(turns: list[Segment]) -> None:
    """What is written as RTTM is read as it was, to a tenth of a millisecond."""
    lines = [
        f"SPEAKER m 1 {turn.start:.4f} {(turn.end or 0) - (turn.start or 0):.4f} <NA> <NA> {turn.speaker} <NA> <NA>\n"
        for turn in turns
    ]
    read = parse("".join(lines), "rttm", "x").segments
    assert [turn.speaker for turn in read] == [turn.speaker for turn in turns]
    assert [(turn.start, turn.end) for turn in read] == [
        (pytest.approx(turn.start, abs=1e-4), pytest.approx(turn.end, abs=1e-4)) for turn in turns
    ]


@pytest.mark.parametrize("per_line", [True, False])
@given(turns=st.lists(segments(), max_size=8))
def test_json_round_trip(turns: list[Segment], *, per_line: bool) -> None:
    """A list of turns is read as it was, in one piece or a line each."""
    items = [{"speaker": turn.speaker, "start": turn.start, "end": turn.end, "text": turn.text} for turn in turns]
    content = "\n".join(map(json.dumps, items)) if per_line and items else json.dumps(items)
    assert list(parse(content, "json", "x").segments) == turns


@given(st.sampled_from(sorted(PARSERS)), st.text() | st.text('0123456789.:->, <v>\n{}[]"SPEAKER '))
def test_garbage_is_read_or_refused(form: str, content: str) -> None:
    """Whatever arrives, the only error is the one that tells what is wrong."""
    _read_or_refuse(content, form)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["text", "words", "speaker", "id", "name", "start", "end_seconds", "type", "segments"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_any_json_is_read_or_refused(value: Any) -> None:
    """Fields of every type in every place raise nothing unforeseen."""
    _read_or_refuse(json.dumps(value), "json")


def _read_or_refuse(content: str, form: str) -> None:
    try:
        found = parse(content, form, "x")
    except InvalidConfiguration as error:
        assert error.message.startswith("x")  # noqa: PT017  # either outcome is right
        return
    for segment in found.segments:
        assert (segment.start is None) == (segment.end is None)
        assert segment.start is None or 0 <= segment.start <= (segment.end or 0)
