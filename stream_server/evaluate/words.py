"""Count the errors of words and characters with jiwer, and of each speaker's words with meeteval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stream_server.evaluate.libraries import scoring_library
from stream_server.evaluate.scores import EditErrors, SpeakerWordErrors

MOST_SPEAKERS = 20
"""On a side, for cpWER; meeteval refuses more, as a sign of a mistake in the input."""


def word_errors(reference: Sequence[str], hypothesis: Sequence[str]) -> EditErrors:
    """Return the least edits that make the reference's words into the hypothesis's. No word holds a space."""
    with scoring_library():
        import jiwer
    output = jiwer.process_words(" ".join(reference), " ".join(hypothesis))
    return EditErrors(
        substitutions=output.substitutions,
        deletions=output.deletions,
        insertions=output.insertions,
        reference=len(reference),
        hypothesis=len(hypothesis),
    )


def character_errors(reference: str, hypothesis: str) -> EditErrors:
    """Return the least edits that make one text into the other; neither begins or ends with a space."""
    with scoring_library():
        import jiwer
    output = jiwer.process_characters(reference, hypothesis)
    return EditErrors(
        substitutions=output.substitutions,
        deletions=output.deletions,
        insertions=output.insertions,
        reference=len(reference),
        hypothesis=len(hypothesis),
    )


def speaker_word_errors(
    reference: Mapping[str, Sequence[str]], hypothesis: Mapping[str, Sequence[str]]
) -> SpeakerWordErrors:
    """Return the errors under the best assignment of speakers (Watanabe et al. 2020, the CHiME-6 challenge).

    Each side has at most `MOST_SPEAKERS`. Speakers without a counterpart lose, or make up, all their words.
    """
    if not reference or not hypothesis:
        return _one_sided(reference, hypothesis)
    with scoring_library():
        from meeteval.wer.wer.cp import cp_word_error_rate
    # Numbers instead of names: meeteval calls who is left over by letters, which may be somebody's name.
    found = cp_word_error_rate(
        {number: " ".join(words) for number, words in enumerate(reference.values())},
        {number: " ".join(words) for number, words in enumerate(hypothesis.values())},
        reference_sort=False,
        hypothesis_sort=False,
    )
    here, there = list(reference), list(hypothesis)
    return SpeakerWordErrors(
        errors=EditErrors(
            substitutions=found.substitutions,
            deletions=found.deletions,
            insertions=found.insertions,
            reference=_count(reference),
            hypothesis=_count(hypothesis),
        ),
        assignment=tuple(
            (None if ours is None else here[ours], None if theirs is None else there[theirs])
            for ours, theirs in found.assignment
        ),
    )


def _one_sided(reference: Mapping[str, Sequence[str]], hypothesis: Mapping[str, Sequence[str]]) -> SpeakerWordErrors:
    """Return the errors where one side has no speakers; meeteval knows no such case."""
    said, heard = _count(reference), _count(hypothesis)
    return SpeakerWordErrors(
        errors=EditErrors(substitutions=0, deletions=said, insertions=heard, reference=said, hypothesis=heard),
        assignment=(*((speaker, None) for speaker in reference), *((None, speaker) for speaker in hypothesis)),
    )


def _count(speakers: Mapping[str, Sequence[str]]) -> int:
    return sum(map(len, speakers.values()))
