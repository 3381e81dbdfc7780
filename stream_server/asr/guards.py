"""Guards against words nobody said. Pure; each removal has a reason, and the reasons are counted.

Whisper was trained on subtitles: on silence, noise and music it writes what subtitles say there, and at the end of its
wits it repeats itself. The rules, and where their numbers come from:

- `no_speech`: the model itself doubts that it heard speech, and its words are unlikely (Radford et al. 2022, section
  4.5: no-speech probability > 0.6 together with an average log probability < -1).
- `repetition`: the text compresses too well (gzip ratio > 2.4, same source) or ends in a loop of n-grams.
- `silence_phrase`: nothing but a phrase known from silence, with little evidence of speech.
- `outside_speech`: a final's words that begin after the last speech that the gate saw.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stream_server.work import ENGINE_RATE, Hypothesis, HypothesisWord

NO_SPEECH_PROBABILITY = 0.6
LOG_PROBABILITY = -1.0
COMPRESSION_RATIO = 2.4
OUTSIDE_SPEECH_SAMPLES = ENGINE_RATE // 4
"""A word may begin this long after the last speech: alignment is not exact."""
LITTLE_SPEECH_SAMPLES = 2 * ENGINE_RATE
"""Silence phrases are believed when more speech than this was seen."""

SILENCE_PHRASES = frozenset(
    (
        "thank you",
        "thanks for watching",
        "thank you for watching",
        "thank you very much",
        "thank you so much for watching",
        "please subscribe",
        "please subscribe to my channel",
        "like and subscribe",
        "subscribe",
        "you",
        "bye",
        "bye bye",
        "the end",
        "so",
        "oh",
        "music",
        "applause",
        "silence",
        "subtitles by the amaraorg community",
        "thanks",
        "terima kasih",
        "terima kasih telah menonton",
        "terima kasih sudah menonton",
        "sampai jumpa",
        "untertitel der amaraorg community",
        "untertitel im auftrag des zdf für funk 2017",
        "vielen dank",
        "sous-titres réalisés par la communauté damaraorg",
        "sous-titrage st 501",
        "merci",
        "gracias",
        "subtítulos realizados por la comunidad de amaraorg",
        "продолжение следует",
        "спасибо за просмотр",
        "ご視聴ありがとうございました",
        "谢谢观看",
        "请不吝点赞 订阅 转发 打赏支持明镜与点点栏目",
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the gate saw of a window: samples of speech, mean speech probability, where the last speech ended."""

    speech: int
    probability: float
    speech_end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The words that may stay. `removed` counts words by reason. `doubtful`: a more careful look is worth it."""

    words: tuple[HypothesisWord, ...]
    removed: dict[str, int]
    doubtful: bool = False


def judge(hypothesis: Hypothesis, evidence: Evidence, *, careful: bool = False) -> Verdict:
    """Return what may stay of a hypothesis. `careful`: this was the second look already."""
    words = hypothesis.words
    if not words:
        return Verdict(words=(), removed={})
    unlikely = hypothesis.average_log_probability < LOG_PROBABILITY
    if unlikely and hypothesis.no_speech_probability > NO_SPEECH_PROBABILITY:
        return Verdict(words=(), removed={"no_speech": len(words)})
    if _is_silence_phrase(hypothesis, evidence):
        return Verdict(words=(), removed={"silence_phrase": len(words)})
    spoken = tuple(word for word in words if not _is_outside(word, evidence))
    removed = {"outside_speech": len(words) - len(spoken)} if len(spoken) < len(words) else {}
    kept = without_loop(spoken)
    loops = len(kept) < len(spoken) or hypothesis.compression_ratio > COMPRESSION_RATIO
    if (loops or unlikely) and not careful:
        return Verdict(words=spoken, removed={}, doubtful=True)
    if len(kept) < len(spoken):
        removed["repetition"] = len(spoken) - len(kept)
    return Verdict(words=kept, removed=removed)


def _is_silence_phrase(hypothesis: Hypothesis, evidence: Evidence) -> bool:
    text = " ".join(word.text for word in hypothesis.words).casefold()
    bare = "".join(character for character in text if character.isalnum() or character in " -").strip()
    little = evidence.speech < LITTLE_SPEECH_SAMPLES or evidence.probability < 0.6
    unsure = hypothesis.no_speech_probability > 0.3 or hypothesis.average_log_probability < -0.6
    return bare in SILENCE_PHRASES and little and unsure


def _is_outside(word: HypothesisWord, evidence: Evidence) -> bool:
    return word.start is not None and word.start > evidence.speech_end + OUTSIDE_SPEECH_SAMPLES


def without_loop(words: Sequence[HypothesisWord]) -> tuple[HypothesisWord, ...]:
    """Return the words with a loop at their end said once.

    A loop is an n-gram repeated at least `_times(n)` times; people do say "no, no, no", so short ones need more.
    """
    texts = [word.text.casefold().strip(".,!?…") for word in words]
    for size in range(1, len(texts) // 3 + 1):
        times = 1
        while texts[-size * (times + 1) : -size * times] == texts[-size:] and size * (times + 1) <= len(texts):
            times += 1
        if times >= _times(size):
            return tuple(words[: len(words) - size * (times - 1)])
    return tuple(words)


def _times(size: int) -> int:
    return 6 if size == 1 else 4 if size == 2 else 3
