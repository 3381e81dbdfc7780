"""Laws of `stream_server.store.revising`."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from stream_server.events import Revised, SpeakerChange
from stream_server.store.records import Segment, SegmentWord
from stream_server.store.revising import Revision, mostly

SPEAKER = st.one_of(st.none(), st.integers(1, 4))
PAIRS = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)), max_size=5)


def said(*speakers: int | None, utterance_id: str = "u1") -> Segment:
    """Make a segment with a word of each speaker, ten samples long."""
    words = tuple(
        SegmentWord(text="a", spoken="a", start=10 * number, end=10 * number + 10, confidence=1, speaker=speaker)
        for number, speaker in enumerate(speakers)
    )
    return Segment(
        sequence=1, utterance_id=utterance_id, track=0, start=0, end=99, text="a", speaker=mostly(words), words=words
    )


def who(segment: Segment) -> list[int | None]:
    """Return who says each word."""
    return [word.speaker for word in segment.words]


@given(pairs=PAIRS, speakers=st.lists(SPEAKER, max_size=6))
def test_pairs_are_merged_one_after_the_other(pairs: list[tuple[int, int]], speakers: list[int | None]) -> None:
    """However pairs are chained, the outcome is that of merging them in turn."""
    expected = list(speakers)
    for old, new in pairs:
        expected = [new if speaker == old else speaker for speaker in expected]
    revision = Revision(Revised(sequence=1, reason="merged", merged=tuple(pairs)))
    assert who(revision.apply(said(*speakers))) == expected
    assert not revision.gone & {speaker for speaker in expected if speaker is not None}


@given(first=st.integers(-2, 8), stop=st.integers(-2, 8), speaker=SPEAKER)
def test_changes_reach_their_words_and_no_others(first: int, stop: int, speaker: int | None) -> None:
    """Words from first to stop have the new speaker; bounds outside of the utterance do no harm."""
    before = said(1, 2, 3, 1)
    change = SpeakerChange(utterance_id="u1", first=first, stop=stop, speaker=speaker)
    after = Revision(Revised(sequence=1, reason="second_look", changes=(change,))).apply(before)
    assert who(after) == [speaker if first <= n < stop else old for n, old in enumerate(who(before))]


def test_other_utterances_stay_as_they_are() -> None:
    """A change is for the utterance that it names."""
    change = SpeakerChange(utterance_id="u2", first=0, stop=9, speaker=5)
    segment = said(1, 2)
    assert Revision(Revised(sequence=1, reason="second_look", changes=(change,))).apply(segment) == segment


def test_the_segment_is_said_by_whoever_now_says_most() -> None:
    """After a change the words decide; a merge alone carries the segment's speaker along."""
    change = SpeakerChange(utterance_id="u1", first=0, stop=2, speaker=2)
    assert Revision(Revised(sequence=1, reason="second_look", changes=(change,))).apply(said(1, 1, 1, 2)).speaker == 2
    assert Revision(Revised(sequence=1, reason="merged", merged=((1, 3),))).apply(said(1, 1, 2)).speaker == 3


def test_a_merged_speaker_is_gone_unless_a_change_brings_it_back() -> None:
    """Speakers of whom nothing is left are named, and those who are said to speak now."""
    change = SpeakerChange(utterance_id="u1", first=0, stop=1, speaker=2)
    revision = Revision(Revised(sequence=1, reason="second_look", merged=((2, 1), (3, 1)), changes=(change,)))
    assert revision.gone == {3}
    assert revision.named == {1, 2}


def test_names_alone_touch_no_segment() -> None:
    """Renaming reads no segment."""
    assert not Revision(Revised(sequence=1, reason="renamed", names=((1, "Ann"),))).touches_segments


def test_nobody_says_most_of_nothing() -> None:
    """Without a known speaker there is none; of two who say as much the first counts."""
    assert mostly(said(None, None).words) is None
    assert mostly(said(2, 1).words) == 1


def test_what_is_hidden_counts_where_nothing_else_is() -> None:
    """A filler of one is not what the utterance says."""
    words = said(2, 1, 1).words
    hidden = tuple(replace(word, text="") for word in words[1:])
    assert mostly((words[0], *hidden)) == 2
    assert mostly(hidden) == 1
