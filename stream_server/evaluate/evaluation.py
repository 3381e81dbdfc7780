"""Score a hypothesis against a reference: every number that the two allow, a sentence for each that they do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import add
from typing import Any

from stream_server.errors import InvalidConfiguration, MessageTooLarge
from stream_server.evaluate.normalization import Normalizer, Unit, make_normalizer
from stream_server.evaluate.scores import EditErrors, SpeakerConfusion, SpeakerErrors, SpeakerWordErrors
from stream_server.evaluate.speakers import MOST_VOICES, speaker_confusion, speaker_errors
from stream_server.evaluate.transcript import Part, Transcript
from stream_server.evaluate.words import MOST_SPEAKERS, character_errors, speaker_word_errors, word_errors

COLLAR_SECONDS = 0.25
"""To each side; what NIST's evaluations forgave, and most papers do."""

LONGEST_COLLAR_SECONDS = 10.0

CHARACTERS_PER_WORD = 10
"""With the space; no language that is written with spaces has longer words on average."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to score. `max_words` bounds each side, as turns and as words; None: whatever it takes."""

    language: str | None = None
    normalizer: str = "auto"
    collar_seconds: float = COLLAR_SECONDS
    max_words: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.collar_seconds <= LONGEST_COLLAR_SECONDS:
            raise InvalidConfiguration(f"collar_seconds must be between 0 and {LONGEST_COLLAR_SECONDS:.0f}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The scores; None where `not_computed` says why, by the score's name. `unit` is what `wer` and `cpwer` count."""

    language: str | None
    normalizer: str
    unit: Unit
    collar_seconds: float
    wer: EditErrors | None = None
    cer: EditErrors | None = None
    der: SpeakerErrors | None = None
    der_without_overlap: SpeakerErrors | None = None
    speaker_confusion: SpeakerConfusion | None = None
    cpwer: SpeakerWordErrors | None = None
    not_computed: Mapping[str, str] = field(default_factory=dict)


def evaluate(reference: Transcript, hypothesis: Transcript, options: Options) -> Report:
    """Return the report. Raises `InvalidConfiguration`, `MessageTooLarge` and `NotInstalled`."""
    pair = (reference, hypothesis)
    check_size(pair, options.max_words)
    language = options.language or reference.language or hypothesis.language
    normalizer = make_normalizer(options.normalizer, language)
    scores = _scores_of_words(pair, normalizer, options.max_words) | _scores_of_times(pair, options.collar_seconds)
    return Report(
        language=language,
        normalizer=normalizer.name,
        unit=normalizer.unit,
        collar_seconds=options.collar_seconds,
        not_computed={name: score for name, score in scores.items() if isinstance(score, str)},
        **{name: score for name, score in scores.items() if not isinstance(score, str)},
    )


def total(reports: Sequence[Report]) -> Report:
    """Add reports up; each score over the files that have it, without who is who, which differs from file to file."""
    languages, normalizers, units = (
        {getattr(report, name) for report in reports} for name in ("language", "normalizer", "unit")
    )
    mixed = "words of some files and characters of others do not add up" if len(units) > 1 else ""
    counted = () if mixed else ("wer", "cpwer")
    summed = {name: _sum(reports, name) for name in ("cer", "der", "der_without_overlap", *counted)}
    if summed.get("cpwer"):
        summed["cpwer"] = replace(summed["cpwer"], assignment=())
    return Report(
        language=languages.pop() if len(languages) == 1 else None,
        normalizer=normalizers.pop() if len(normalizers) == 1 else "several",
        unit=reports[0].unit,
        collar_seconds=reports[0].collar_seconds,
        not_computed=dict.fromkeys(("wer", "cpwer"), mixed) if mixed else {},
        **summed,
    )


def check_size(pair: Sequence[Transcript], max_words: int | None) -> None:
    """Raise `MessageTooLarge` for more turns or text than a transcript of so many words has."""
    if max_words is None:
        return
    for transcript in pair:
        characters = sum(len(segment.text or "") for segment in transcript.segments)
        if len(transcript.segments) > max_words or characters > max_words * CHARACTERS_PER_WORD:
            raise _too_large(max_words)


def _scores_of_words(pair: Sequence[Transcript], normalizer: Normalizer, max_words: int | None) -> dict[str, Any]:
    """Return wer, cer and cpwer, or why not."""
    reason = _lack(pair, ("words",))
    if reason:
        return dict.fromkeys(("wer", "cer", "cpwer"), reason)
    said, heard = (normalizer(transcript.texts()) for transcript in pair)
    if max_words is not None and max(len(said), len(heard)) > max_words:
        raise _too_large(max_words)
    return {
        "wer": word_errors(said, heard),
        "cer": character_errors(normalizer.characters(said), normalizer.characters(heard)),
        "cpwer": _cpwer(pair, normalizer),
    }


def _cpwer(pair: Sequence[Transcript], normalizer: Normalizer) -> SpeakerWordErrors | str:
    reason = _lack(pair, ("speakers",))
    if reason:
        return reason
    ours, theirs = (
        {speaker: normalizer(texts) for speaker, texts in transcript.texts_of_speakers().items()} for transcript in pair
    )
    return _crowd(ours, theirs, MOST_SPEAKERS) or speaker_word_errors(ours, theirs)


def _scores_of_times(pair: Sequence[Transcript], collar_seconds: float) -> dict[str, Any]:
    """Return the scores of who spoke when, or why not."""
    names = ("der", "der_without_overlap", "speaker_confusion")
    reason = _lack(pair, ("speakers", "times"))
    if reason:
        return dict.fromkeys(names, reason)
    ours, theirs = (transcript.turns() for transcript in pair)
    crowd = _crowd(ours, theirs, MOST_VOICES)
    if crowd:
        return dict.fromkeys(names, crowd)
    return {
        "der": speaker_errors(ours, theirs, collar_seconds=collar_seconds, score_overlap=True),
        "der_without_overlap": speaker_errors(ours, theirs, collar_seconds=collar_seconds, score_overlap=False),
        "speaker_confusion": speaker_confusion(ours, theirs),
    }


def _lack(pair: Sequence[Transcript], parts: Sequence[Part]) -> str:
    """Return the sentence that says what is missing for a score; empty if nothing is."""
    for transcript, side in zip(pair, ("reference", "hypothesis"), strict=True):
        for part in parts:
            if not transcript.carries(part):
                some = part in transcript.possible and part != "speakers"
                return f"not every turn of the {side} has {part}" if some else f"the {side} has no {part}"
    return ""


def _crowd(ours: Mapping[str, Any], theirs: Mapping[str, Any], most: int) -> str:
    return f"a side has more than {most} speakers" if max(len(ours), len(theirs)) > most else ""


def _sum(reports: Sequence[Report], name: str) -> Any:
    """Return the sum of a score; None if no report has it."""
    scores = [score for report in reports if (score := getattr(report, name)) is not None]
    return reduce(add, scores) if scores else None


def _too_large(max_words: int) -> MessageTooLarge:
    return MessageTooLarge(f"a transcript to evaluate may have {max_words} words (max_evaluation_words)")
