"""Which windows are listened to, and who said a word."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from stream_server.diarize.tagger import GUESSED, SpeakerTag, Tagger
from stream_server.diarize.voices import FRAME_SAMPLES, STEP_FRAMES, VOICES, Heard, normalised

WINDOW = 80_000
FRAMES = 293
STEP = STEP_FRAMES * FRAME_SAMPLES


def heard(frame: int, *spoken: tuple[int, int, int]) -> Heard:
    """Return a window in which voice v, an embedding of its own, speaks from one second to another of the track."""
    activity = np.zeros((FRAMES, VOICES), np.float32)
    for voice, begin, end in spoken:
        first, last = (min(FRAMES, max(0, at * 16_000 // FRAME_SAMPLES - frame)) for at in (begin, end))
        activity[first:last, voice] = 1
    bare = Heard(frame, activity, (None,) * VOICES)
    own = [normalised(np.eye(VOICES)[voice]) if bare.seconds_alone[voice] >= 0.2 else None for voice in range(VOICES)]
    return Heard(frame, activity, tuple(own))


def listened(tagger: Tagger, seconds: int, *spoken: tuple[int, int, int]) -> int:
    """Feed a track frame by frame of the detector; return how many windows were listened to."""
    count = 0
    for position in range(512, seconds * 16_000 + 1, 512):
        speaking = any(begin * 16_000 < position <= end * 16_000 for _, begin, end in spoken)
        frame = tagger.window_due(position, speaking=speaking)
        if frame is not None:
            assert tagger.asked_until == frame * FRAME_SAMPLES + WINDOW <= position
            assert tagger.asked == frame
            tagger.take(heard(frame, *spoken))
            count += 1
    return count


def tag(tagger: Tagger, start: int, end: int) -> SpeakerTag | None:
    """Return who said a word."""
    return tagger.voices(start, end).tag(start, end)


def test_windows_come_once_a_second_of_speech() -> None:
    """And none for silence, but for the windows that still hold speech."""
    assert 9 <= listened(Tagger(WINDOW), 10, (0, 0, 10)) <= 11
    assert listened(Tagger(WINDOW), 60) == 0
    assert 7 <= listened(Tagger(WINDOW), 60, (0, 0, 3)) <= 9


def test_words_get_their_speakers() -> None:
    """Numbers in the order of speaking; words in a gap belong to nobody."""
    tagger = Tagger(WINDOW)
    listened(tagger, 14, (0, 0, 5), (1, 6, 12))
    assert tag(tagger, 16_000, 24_000) == SpeakerTag(1, 1.0, overlap=False)
    assert tag(tagger, 8 * 16_000, 8 * 16_000 + 4_000) == SpeakerTag(2, 1.0, overlap=False)
    assert tag(tagger, 5 * 16_000 + 4_000, 5 * 16_000 + 8_000) is None
    assert len(tagger.centroids) == len(tagger.seconds) == 2


def test_two_at_once_are_said_to_be() -> None:
    """A word over which both speak is marked; the numbers are those they had."""
    tagger = Tagger(WINDOW)
    listened(tagger, 14, (0, 0, 9), (1, 6, 12))
    both = tag(tagger, 7 * 16_000, 8 * 16_000)
    assert both is not None
    assert both.overlap
    alone = tag(tagger, 10 * 16_000, 11 * 16_000)
    assert alone == SpeakerTag(2, 1.0, overlap=False)


def test_the_end_of_an_utterance_is_heard_at_once() -> None:
    """A window asked for at its end leaves no second unheard; the next comes a step later."""
    tagger = Tagger(WINDOW)
    assert tagger.window_due(8_000, speaking=True) is None
    window = tagger.window_due(8_000, speaking=False, now=True)
    assert window is not None
    assert 8_000 - FRAME_SAMPLES < tagger.asked_until <= 8_000
    assert tagger.window_due(8_000, speaking=False, now=True) is None
    assert tagger.window_due(8_000 + STEP // 2, speaking=True) is None
    assert tagger.window_due(8_000 + STEP + FRAME_SAMPLES, speaking=True) is not None


def test_rarer_windows_still_meet() -> None:
    """Sparing lets three of four seconds go by; what an utterance's end needs is asked for all the same."""
    tagger = Tagger(WINDOW)
    asked = [
        position
        for position in range(512, 20 * 16_000, 512)
        if tagger.window_due(position, speaking=True, sparing=4) is not None
    ]
    assert {round((after - before) / 16_000) for before, after in pairwise(asked)} == {4}
    assert tagger.window_due(20 * 16_000, speaking=True, now=True, sparing=4) is not None


def test_audio_that_a_window_may_want_is_kept() -> None:
    """No window ever begins before `needed_from` as it was when the window before had been asked for."""
    tagger, needed = Tagger(WINDOW), Tagger(WINDOW).needed_from
    for position in range(512, 30 * 16_000, 512):
        frame = tagger.window_due(position, speaking=True, now=position % 7 == 0)
        assert frame is None or frame * FRAME_SAMPLES >= needed
        needed = tagger.needed_from


def test_a_word_without_a_voice_is_its_neighbours() -> None:
    """With less confidence; not if the neighbour is more than a second away."""
    tagger = Tagger(WINDOW)
    listened(tagger, 14, (0, 0, 5))
    near, far = tagger.voices(0, 9 * 16_000).tag_words([(70_000, 79_000), (82_000, 86_000), (130_000, 140_000)])[1:]
    assert near == SpeakerTag(1, GUESSED, overlap=False)
    assert far is None


def test_what_is_forgotten_has_no_speaker() -> None:
    """And costs no memory: unsettled frames alone are kept."""
    tagger = Tagger(WINDOW)
    listened(tagger, 20, (0, 0, 20))
    tagger.forget_before(15 * 16_000)
    assert tag(tagger, 16_000, 32_000) is None
    assert tag(tagger, 17 * 16_000, 18 * 16_000) == SpeakerTag(1, 1.0, overlap=False)
    assert len(tagger._activity.look()) < 6 * 60
