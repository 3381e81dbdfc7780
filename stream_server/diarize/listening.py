"""What two workers drive: the speaker networks on windows of all sessions, and second looks at whole tracks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from stream_server.diarize.clustering import ClusteringLimits
from stream_server.diarize.listener import Listener
from stream_server.diarize.second_look import look_again
from stream_server.errors import EngineFailed
from stream_server.work import Listen, Listened, LookAgain, LookedAgain


class VoiceListener:
    """Answers batches of `Listen`; owned by one thread. No answer depends on its neighbours."""

    def __init__(self, listener: Listener) -> None:
        self.listener = listener

    def bucket(self, item: Listen) -> str:  # noqa: ARG002  # the worker's contract
        """Return the same key for all: any windows may share a batch."""
        return "voices"

    def warm_up(self) -> None:
        """Run the networks once, on noise that no voice is in."""
        noise = np.random.default_rng(0).normal(0.0, 0.01, self.listener.window_samples).astype(np.float32)
        self.listener.listen([(0, noise)])

    def run(self, batch: Sequence[Listen]) -> list[Listened | Exception]:
        """Return one outcome per item; a window of the wrong length gets `EngineFailed`."""
        whole = [item for item in batch if self._is_whole(item)]
        heard = iter(self.listener.listen([(item.frame, item.audio) for item in whole]) if whole else [])
        return [
            Listened(session_id=item.session_id, work_id=item.work_id, heard=next(heard))
            if self._is_whole(item)
            else EngineFailed(f"{len(item.audio)} samples are not a window")
            for item in batch
        ]

    def _is_whole(self, item: Listen) -> bool:
        return len(item.audio) == self.listener.window_samples


class SecondLooks:
    """Answers `LookAgain`, in a thread of its own: of a long meeting it takes a second, which no final may wait for.

    `limits` are those of the embedder that heard the voices.
    """

    def __init__(self, limits: ClusteringLimits | None = None) -> None:
        self._limits = limits or ClusteringLimits()

    def bucket(self, item: LookAgain) -> str:  # noqa: ARG002  # the worker's contract
        """Return the same key for all."""
        return "second look"

    def warm_up(self) -> None:
        """Do nothing: there is no model."""

    def run(self, batch: Sequence[LookAgain]) -> list[LookedAgain]:
        """Return one outcome per item."""
        return [self._look_again(item) for item in batch]

    def _look_again(self, item: LookAgain) -> LookedAgain:
        limits = replace(self._limits, most_speakers=item.most_speakers, speaker_count=item.speaker_count)
        speakers, centroids = look_again(item.windows, item.live, item.spans, limits, item.known)
        return LookedAgain(session_id=item.session_id, work_id=item.work_id, speakers=speakers, centroids=centroids)
