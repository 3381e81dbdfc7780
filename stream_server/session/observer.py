"""Hooks for whoever watches sessions: metrics and tests. They see; they change nothing."""

from __future__ import annotations

from stream_server.events import Event


class Observer:
    """Does nothing; override what you need. Called on the event loop; must be quick and must not raise."""

    def session_opened(self, dialect: str) -> None:
        """Note that a session has begun."""

    def session_closed(self, dialect: str, outcome: str) -> None:
        """Note an end: `outcome` is "ok", "vanished" or an error's code."""

    def heard(self, dialect: str, audio_seconds: float, speech_seconds: float) -> None:
        """Note what a session has heard since it was last told of."""

    def words_removed(self, reason: str, count: int) -> None:
        """Note words that the guards removed."""

    def refused(self, dialect: str, code: str) -> None:
        """Note a conversation that ended before it became a session."""

    def event(self, event: Event) -> None:
        """Note an event that goes to a client."""

    def partials_dropped(self, count: int) -> None:
        """Note partials that were replaced before their client had read them."""

    def recording_decoded(self, seconds: float) -> None:
        """Note so much more of finished recordings that was decoded."""

    def recording_recognised(self, seconds: float) -> None:
        """Note so much more of them whose words are settled."""

    def recording_ended(self, kind: str, outcome: str) -> None:
        """Note the end of a "job" or a "request": "ok", "cancelled", "vanished" or an error's code."""
