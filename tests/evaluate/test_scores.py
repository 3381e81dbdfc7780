from __future__ import annotations

from stream_server.evaluate.scores import EditErrors, SpeakerErrors, SpeakerWordErrors


def edits(substitutions: int, deletions: int, insertions: int, reference: int) -> EditErrors:
    """Return errors of so many."""
    return EditErrors(
        substitutions=substitutions, deletions=deletions, insertions=insertions, reference=reference,
        hypothesis=reference - deletions + insertions,
    )  # fmt: skip


def test_rates() -> None:
    """All kinds of errors count alike; a rate may exceed 1; without a reference there is none."""
    assert edits(1, 2, 3, 12).rate == 0.5
    assert edits(0, 0, 3, 2).rate == 1.5
    assert edits(0, 0, 3, 0).rate is None
    assert SpeakerErrors(missed=1, false_alarm=2, confusion=3, reference=12).rate == 0.5
    assert SpeakerErrors(missed=0, false_alarm=2, confusion=0, reference=0).rate is None


def test_sums() -> None:
    """A total weighs each file by its length: it is no mean of rates."""
    assert edits(1, 0, 0, 1) + edits(0, 1, 1, 7) == edits(1, 1, 1, 8)
    short = SpeakerErrors(missed=1, false_alarm=0, confusion=0, reference=1)
    long = SpeakerErrors(missed=0, false_alarm=1, confusion=2, reference=9)
    assert (short + long).rate == 0.4
    pair = SpeakerWordErrors(errors=edits(1, 0, 0, 2), assignment=(("A", "1"),))
    assert pair + pair == SpeakerWordErrors(errors=edits(2, 0, 0, 4), assignment=())
