"""What is said, by the items that a client knows: one for each turn, or one for all that lies between two commits.

Times are samples of the session clock. Utterances find their item by where they began: a client commits ahead of
recognition, and what it says next must not end up in the item before.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import Enum, auto

from stream_server.compat.openai.realtime_session import CLOCK_RATE
from stream_server.events import Final, NothingSaid
from stream_server.text.formatter import join

TOLERANCE = CLOCK_RATE // 10
"""Speech that begins so shortly before a commit is what is said after it: 100 ms hold no word, and a decoder or
resampler may hold a few back."""


class Fate(Enum):
    """What becomes of audio."""

    TURNS = auto()
    """Silence ends an item."""
    COLLECTED = auto()
    """The client ends the item."""
    DROPPED = auto()
    """The client does not want it any more."""


@dataclass(slots=True, eq=False)
class Item:
    """One entry of the conversation. `shown` is what was sent of it, to which all else is appended.

    `is_turn`: silence ends it, and the client is told of its speech.
    """

    item_id: str
    start: int
    is_turn: bool = False
    end: int = 0
    committed: bool = False
    failed: bool = False
    shown: str = ""
    finals: list[Final] = field(default_factory=list)
    _texts: dict[str, str] = field(default_factory=dict)
    _open: set[str] = field(default_factory=set)

    def begin(self, utterance_id: str) -> None:
        """Expect the words of an utterance, behind those of earlier ones."""
        self._texts[utterance_id] = ""
        self._open.add(utterance_id)

    def hear(self, utterance_id: str, text: str) -> None:
        """Take the words so far of an utterance; they only ever grow."""
        self._texts[utterance_id] = text

    def end_utterance(self, event: Final | NothingSaid) -> None:
        """Take the last word on an utterance."""
        self._open.discard(event.utterance_id)
        if isinstance(event, Final):
            self.finals.append(event)
            self._texts[event.utterance_id] = event.text
        else:
            self.failed |= event.failed

    @property
    def known(self) -> str:
        """What stands: the words up to, and of, the first utterance that goes on."""
        texts = []
        for utterance_id, text in self._texts.items():
            texts.append(text)
            if utterance_id in self._open:
                break
        return join(texts)

    def show(self) -> str:
        """Return what is to be appended to what was shown."""
        known = self.known
        news = known[len(self.shown) :] if known.startswith(self.shown) else ""
        self.shown += news
        return news

    @property
    def seconds(self) -> float:
        """How much audio it has."""
        return max(0, self.end - self.start) / CLOCK_RATE


@dataclass(slots=True, eq=False)
class Commit:
    """What a client committed where silence ends items; `answered`: a turn in it has ended since."""

    since: int
    until: int
    answered: bool = False


@dataclass(slots=True)
class _Stretch:
    """Audio from `start` on with one fate, and the item that it is collected in."""

    start: int
    fate: Fate
    item: Item | None = None


class Items:
    """Every item that is not complete, in order; which audio and which utterance belongs to which.

    `tag` makes the ids of two connections differ.
    """

    def __init__(self, fate: Fate = Fate.TURNS) -> None:
        self.tag = ""
        self.last_committed: str | None = None
        self._count = 0
        self._waiting: deque[Item] = deque()
        self._utterances: dict[str, Item] = {}
        self._stretches = [_Stretch(0, fate)]

    @property
    def fate(self) -> Fate:
        """What becomes of the audio that comes now."""
        return self._stretches[-1].fate

    @property
    def unfinished(self) -> list[Item]:
        """Items that were committed and still want their words."""
        return [item for item in self._waiting if item.committed]

    def start_stretch(self, at: int, fate: Fate) -> None:
        """From `at` on audio has another fate."""
        self._stretches.append(_Stretch(at, fate))

    def commit_collected(self, at: int) -> Item:
        """End what is collected, at `at`, and begin to collect anew."""
        stretch = self._stretches[-1]
        item = stretch.item = stretch.item or self._new(stretch.start)
        item.end = at
        self._commit(item)
        self.start_stretch(at, Fate.COLLECTED)
        return item

    def commit_silence(self, start: int, end: int) -> Item:
        """Return an item in which nothing is said: the client committed where no turn was."""
        item = self._new(start)
        item.end = end
        self._commit(item)
        return item

    def drop(self, at: int) -> None:
        """Forget what was not committed before `at`; what comes then has the fate it would have had."""
        fate, since = self.fate, self._stretches[-1].start
        # A turn that began before that is the last commit's: it is about to end.
        dropped = {id(item) for item in self._waiting if not item.committed and item.start + TOLERANCE >= since}
        self._waiting = deque(item for item in self._waiting if id(item) not in dropped)
        self._utterances = {key: item for key, item in self._utterances.items() if id(item) not in dropped}
        self._stretches[-1] = _Stretch(self._stretches[-1].start, Fate.DROPPED)
        self.start_stretch(at, fate)

    def speech_started(self, utterance_id: str, at: int) -> Item | None:
        """Return the item of an utterance that begins at `at`; None if nobody wants it."""
        stretch = self._stretch_at(at)
        if stretch.fate is Fate.DROPPED:
            return None
        if stretch.fate is Fate.TURNS:
            item = self._new(at, is_turn=True)
        else:
            item = stretch.item = stretch.item or self._new(stretch.start)
        item.begin(utterance_id)
        self._utterances[utterance_id] = item
        return item

    def commit_turn(self, item: Item, end: int) -> None:
        """End a turn at `end`."""
        item.end = end
        self._commit(item)

    def of(self, utterance_id: str) -> Item | None:
        """Return the item of an utterance; None if it was dropped."""
        return self._utterances.get(utterance_id)

    def forget(self, utterance_id: str) -> None:
        """Let go of an utterance that is over."""
        self._utterances.pop(utterance_id, None)

    def complete(self, item: Item) -> None:
        """Everything of an item was said."""
        if item in self._waiting:
            self._waiting.remove(item)

    def first(self) -> Item | None:
        """Return the item whose words may be shown now: those of two must not mix."""
        return self._waiting[0] if self._waiting else None

    def _stretch_at(self, at: int) -> _Stretch:
        """Return the stretch of what begins at `at`; those before it are over, for utterances begin in order."""
        while len(self._stretches) > 1 and self._stretches[1].start <= at + TOLERANCE:
            del self._stretches[0]
        return self._stretches[0]

    def _new(self, start: int, *, is_turn: bool = False) -> Item:
        self._count += 1
        item = Item(f"item_{self.tag}{self._count}", start, is_turn)
        self._waiting.append(item)
        return item

    def _commit(self, item: Item) -> None:
        item.committed = True
        self.last_committed = item.item_id
