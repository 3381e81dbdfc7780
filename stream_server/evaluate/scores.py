"""What the scores are. They add up: the total over files is the sum of errors over the sum of what was said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class EditErrors:
    """How many units (words or characters) were put wrongly; `reference` and `hypothesis` are how many there are."""

    substitutions: int
    deletions: int
    insertions: int
    reference: int
    hypothesis: int

    @property
    def rate(self) -> float | None:
        """Return errors per unit of the reference, above 1 if much was made up; None without a reference."""
        return _ratio(self.substitutions + self.deletions + self.insertions, self.reference)

    def __add__(self, other: EditErrors) -> EditErrors:
        return EditErrors(
            substitutions=self.substitutions + other.substitutions,
            deletions=self.deletions + other.deletions,
            insertions=self.insertions + other.insertions,
            reference=self.reference + other.reference,
            hypothesis=self.hypothesis + other.hypothesis,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerErrors:
    """Seconds in which speech was missed, made up, or taken for somebody else's; `reference` is all of its speech.

    Where two speak at once each second counts twice.
    """

    missed: float
    false_alarm: float
    confusion: float
    reference: float

    @property
    def rate(self) -> float | None:
        """Return seconds of errors per second of speech; None without speech."""
        return _ratio(self.missed + self.false_alarm + self.confusion, self.reference)

    def __add__(self, other: SpeakerErrors) -> SpeakerErrors:
        return SpeakerErrors(
            missed=self.missed + other.missed,
            false_alarm=self.false_alarm + other.false_alarm,
            confusion=self.confusion + other.confusion,
            reference=self.reference + other.reference,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerConfusion:
    """Who was taken for whom: seconds by (speaker of the reference, speaker of the hypothesis).

    None on the right: nobody was heard; on the left: nobody spoke. `mapping` says which speaker of the hypothesis is
    which of the reference. Rows add up to what a speaker of the reference said, columns to the hypothesis's.
    """

    reference: tuple[str, ...]
    hypothesis: tuple[str, ...]
    seconds: Mapping[tuple[str | None, str | None], float]
    mapping: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerWordErrors:
    """cpWER: the errors of each speaker's words under the assignment with the fewest.

    `assignment` pairs speakers of the reference with those of the hypothesis; None: nobody is left.
    """

    errors: EditErrors
    assignment: tuple[tuple[str | None, str | None], ...]

    def __add__(self, other: SpeakerWordErrors) -> SpeakerWordErrors:
        """Add the errors up; who is who differs from file to file and is left out."""
        return SpeakerWordErrors(errors=self.errors + other.errors, assignment=())


def _ratio(errors: float, of: float) -> float | None:
    return errors / of if of else None
