"""Speech without pauses, for what happens when nobody ever stops: heard by the server's own detector, cut out."""

from __future__ import annotations

import numpy as np
from speech import Talk

from stream_server.audio.silero import Silero
from stream_server.audio.silero_weights import find_graph
from stream_server.work import VAD_CONTEXT, VAD_FRAME, DetectSpeech, SpeechDetected, initial_vad_state

SPEECH = 0.35
"""Probability below which the server's gate takes a frame for a pause."""

MARGIN_FRAMES = 3
"""A tenth of a second left around speech, for consonants that the detector does not hear."""


def breathless(clips: list[Talk]) -> list[Talk]:
    """Return clips of speech alone."""
    detector = Silero(find_graph())
    return [_speech_of(clip, detector) for clip in clips]


def _speech_of(clip: Talk, detector: Silero) -> Talk:
    frames = clip.audio[: len(clip.audio) // VAD_FRAME * VAD_FRAME].reshape(-1, VAD_FRAME)
    speech = [probability >= SPEECH for probability in _probabilities(frames, detector)]
    near = np.convolve(speech, np.ones(2 * MARGIN_FRAMES + 1), "same") > 0
    return Talk(frames[near].reshape(-1), clip.reference)


def _probabilities(frames: np.ndarray, detector: Silero) -> list[float]:
    """Return the probability of speech in each frame."""
    sound = np.concatenate([np.zeros(VAD_CONTEXT), frames.reshape(-1)]).astype(np.float32) / np.float32(32_768)
    found: list[float] = []
    state = initial_vad_state()
    while len(found) < len(frames):
        rest = sound[len(found) * VAD_FRAME :]
        (answer,) = detector.run([DetectSpeech(session_id="", work_id=0, audio=rest, state=state)])
        assert isinstance(answer, SpeechDetected)
        found.extend(float(each) for each in answer.probabilities)
        state = answer.state
    return found
