"""Words that were said, for tests of what is made of them."""

from __future__ import annotations

from hypothesis import strategies as st

from stream_server.text.transcripts import SaidWord

RATE = 1000


def said(speaker: str, text: str, start: int = 0, each: int = 500) -> list[SaidWord]:
    """Make an utterance whose words take `each` samples."""
    return [
        SaidWord(word, start + each * number, start + each * (number + 1), speaker)
        for number, word in enumerate(text.split())
    ]


@st.composite
def talks(draw: st.DrawFn, longest_word: int = 14, longest_pause: int = 4_000) -> list[list[SaidWord]]:
    """Draw utterances of several people, one after the other, at any pace, some with pauses between their words."""
    letters = st.text("abcdefgh", min_size=1, max_size=longest_word)
    endings = st.sampled_from(["", "", "", ",", ".", "?"])
    words = st.tuples(letters, endings, st.integers(1, 900), st.sampled_from([0, 0, 0, 100, 700, longest_pause]))
    drawn = draw(
        st.lists(
            st.tuples(st.sampled_from(["Ann", "Bo", "", "Speaker 12"]), st.lists(words, min_size=1, max_size=30)),
            max_size=5,
        )
    )
    clock, utterances = 0, []
    for speaker, run in drawn:
        utterance = []
        for letters_, ending, length, pause in run:
            utterance.append(SaidWord(letters_ + ending, clock, clock + length, speaker))
            clock += length + min(pause, longest_pause)
        utterances.append(utterance)
    return utterances
