"""One channel of a stream: from utterances to results that follow each other without gap or overlap.

    interim   from the end of the last final up to what was heard: replaces the interim before it
    final     from there to where the utterance ended, or, in long speech without a pause, as far as words are settled

Positions are samples of the session clock. What was final is never said again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile

from stream_server.compat.deepgram.words import is_written
from stream_server.events import Final, NothingSaid, Partial, Silence, SpeechEnded, SpeechStarted, Word

LONG_SECONDS = 5
"""Of speech without a pause after which the words that are settled become final; the vendor waits about as long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A result before it is written down, `start` to `end`; words without times were said from `said_from` on."""

    words: Sequence[Word]
    start: int
    end: int
    said_from: int = 0
    is_final: bool = True
    speech_final: bool = False
    language: str | None = None


@dataclass(slots=True)
class _Utterance:
    """One whose final has not come. `sent` of its words are final already, `shown` tells whether any were seen."""

    sent: int = 0
    shown: bool = False
    end: int = 0
    cut: bool = False


@dataclass(slots=True, kw_only=True)
class Channel:
    """Takes a track's events and returns the results that follow. Without `endpointing` speech is never over."""

    rate: int
    endpointing: bool = True
    end: int = 0
    """Where the last final ended."""
    talking: bool = False
    """Whether something was said since speech was last over."""
    last_word_end: int | None = None
    """Of the words since silence was last told of."""
    _open: dict[str, _Utterance] = field(default_factory=dict)
    _goes_on: bool = False
    _silence: Silence | None = None
    _held: Heard | None = None

    def started(self, event: SpeechStarted) -> bool:
        """Take an utterance's beginning; return whether speech begins there, and does not just go on."""
        self._open[event.utterance_id] = _Utterance()
        goes_on, self._goes_on = self._goes_on, False
        return not goes_on

    def ended(self, event: SpeechEnded) -> None:
        """Take an utterance's end."""
        utterance = self._utterance(event.utterance_id)
        utterance.end, utterance.cut = event.at, event.cut
        self._goes_on = event.cut

    def partial(self, event: Partial) -> list[Heard]:
        """Return a final of what is settled, if speech is long, and the interim result behind it."""
        utterance = self._utterance(event.utterance_id)
        results: list[Heard] = []
        settled = list(takewhile(lambda word: word.end is not None, event.stable))
        fresh = settled[utterance.sent :]
        begun = max(self.end, fresh[0].start or 0) if fresh else event.end
        if event.end - begun >= LONG_SECONDS * self.rate:
            utterance.sent = len(settled)
            results.append(self._finalize(fresh, settled[-1].end or 0, event.language))
        rest = (*event.stable, *event.tentative)[utterance.sent :]
        if _shown(rest) or (rest and utterance.shown):
            utterance.shown = True
            results.append(self._interim(rest, event))
        return results

    def final(self, event: Final) -> list[Heard]:
        """Return the rest of an utterance; that speech is over is said even if all its words were final before."""
        utterance = self._close(event.utterance_id)
        words = event.words[utterance.sent :]
        over = self.endpointing and not utterance.cut
        if not words and not over:
            return []
        return [self._finalize(words, max(event.end, utterance.end), event.language, over=over)]

    def nothing_said(self, event: NothingSaid, *, announced: bool) -> list[Heard]:
        """Return what takes back an utterance without words, if it was seen or `announced`."""
        utterance = self._close(event.utterance_id)
        if not (utterance.shown or announced):
            return []
        return [self._finalize((), utterance.end, None, over=self.endpointing and not utterance.cut)]

    def hold(self, results: list[Heard]) -> list[Heard]:
        """Keep the last of these finals back, if no other is awaited, for `flushed` to mark; return those before it."""
        if not results:
            return []
        before = self.release()
        if self._open:
            return [*before, *results]
        self._held = results[-1]
        return [*before, *results[:-1]]

    def release(self) -> list[Heard]:
        """Return what was held back: something else comes first."""
        held, self._held = self._held, None
        return [] if held is None else [held]

    def flushed(self, at: int) -> Heard:
        """Return the answer to a client that wanted everything up to `at`: what was held back, or an empty final."""
        held, self._held = self._held, None
        if held is None:
            return self.rest(at)
        self.talking = False
        return replace(held, speech_final=self.endpointing)

    def rest(self, at: int) -> Heard:
        """Return an empty final of the time up to `at`; speech that was not over is."""
        return self._finalize((), at, None, over=self.endpointing and self.talking)

    def silent(self, event: Silence) -> None:
        """Take note of a silence."""
        self._silence = event

    def utterance_end(self) -> int | None:
        """Return where the last word ended, once it is final and the silence behind it has lasted; once."""
        silence, last = self._silence, self.last_word_end
        if silence is None or silence.utterance_id in self._open or self._held is not None:
            return None
        self._silence = self.last_word_end = None
        return last

    def _utterance(self, utterance_id: str) -> _Utterance:
        return self._open.setdefault(utterance_id, _Utterance())

    def _close(self, utterance_id: str) -> _Utterance:
        return self._open.pop(utterance_id, None) or _Utterance()

    def _interim(self, words: Sequence[Word], event: Partial) -> Heard:
        return Heard(
            words=words,
            start=self.end,
            end=max(self.end, event.end),
            said_from=max(self.end, event.start),
            is_final=False,
            language=event.language,
        )

    def _finalize(self, words: Sequence[Word], end: int, language: str | None, *, over: bool = False) -> Heard:
        heard = Heard(words=words, start=self.end, end=max(self.end, end), speech_final=over, language=language)
        self.end = heard.end
        shown = _shown(words)
        self.talking = not over and (self.talking or bool(shown))
        if shown and shown[-1].end is not None:
            self.last_word_end = shown[-1].end
        return heard


def _shown(words: Sequence[Word]) -> list[Word]:
    """Return the words that clients are told of."""
    return [word for word in words if is_written(word.text)]
