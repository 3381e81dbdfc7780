"""What the speakers of a session are called, and which of them turned out to be another."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from stream_server.events import Revised, Speaker
from stream_server.session.standing import SpeakersStanding


class SpeakerNames:
    """Speakers by id; those of `persons` have their names from the start. `tell` is given every change, in order."""

    def __init__(self, persons: Mapping[int, str], tell: Callable[[Revised], None]) -> None:
        self._tell = tell
        self.called = dict(persons)
        """What each is called, by id; not those without a name."""
        self._given = set(persons)
        """Ids that have a name of their own, of a track or from somebody: no voice renames them."""
        self._merged: dict[int, int] = {}

    def go_on(self, standing: SpeakersStanding) -> None:
        """Take over what was known elsewhere."""
        self.called = dict(standing.names)
        self._given = set(standing.given)
        self._merged = dict(standing.merged)

    @property
    def standing(self) -> SpeakersStanding:
        """Return what is known by now, but for voices."""
        return SpeakersStanding(names=dict(self.called), given=frozenset(self._given), merged=dict(self._merged))

    def now(self, speaker: int) -> int:
        """Return the id that a speaker has since it was merged."""
        return self._merged.get(speaker, speaker)

    def speaker(self, number: int, confidence: float = 1.0) -> Speaker:
        """Return a speaker as it is shown now."""
        number = self.now(number)
        return Speaker(id=number, name=self.called.get(number), confidence=confidence)

    def rename(self, speaker: int, name: str | None) -> None:
        """Call a speaker so from now on, whatever the voice is like."""
        speaker = self.now(speaker)
        self._given.add(speaker)
        self._rename({speaker: name}, "renamed")

    def recognise(self, found: Mapping[int, str]) -> None:
        """Tell which speakers turned out to be enrolled, and which are no longer thought to be who they were."""
        wanted = {speaker: name for speaker, name in found.items() if speaker not in self._given}
        gone = {speaker: None for speaker in self.called if speaker not in wanted and speaker not in self._given}
        changed = {key: name for key, name in {**gone, **wanted}.items() if self.called.get(key) != name}
        if changed:
            self._rename(changed, "recognised")

    def merge(self, old: int, new: int) -> None:
        """Take one speaker for another, which is one still, from now on."""
        self._merged = {key: new if value == old else value for key, value in self._merged.items()} | {old: new}
        self.called.pop(old, None)
        self._given.discard(old)
        self._tell(Revised(sequence=0, reason="merged", merged=((old, new),)))

    def _rename(self, names: Mapping[int, str | None], reason: str) -> None:
        for speaker, name in names.items():
            if name is None:
                self.called.pop(speaker, None)
            else:
                self.called[speaker] = name
        self._tell(Revised(sequence=0, reason=reason, names=tuple(names.items())))
