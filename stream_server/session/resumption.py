"""What lets a client go on with a session whose connection it lost: the journal, and the token that opens it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace

from stream_server.auth import Principal
from stream_server.events import Ready
from stream_server.journaling import JournalKeeper
from stream_server.session.attachment import Attachment
from stream_server.session.delivery import Delivery
from stream_server.session.life import Life
from stream_server.session.services import Services
from stream_server.session.session import Session
from stream_server.session.state import State
from stream_server.session.transcript import Durable
from stream_server.store.journals import JournalHead, KeptJournal
from stream_server.store.keys import digest


class Resumption:
    """Begins the `journal` of a session, or goes on with one that was `kept`; what is safe in it is delivered.

    It is kept for `seconds` after the client has gone. `on_taken` is called when somebody else has the session.
    """

    def __init__(
        self,
        session: Session,
        services: Services,
        journals: JournalKeeper,
        principal: Principal,
        kept: KeptJournal | None,
        *,
        delivery: Delivery,
        life: Life,
        on_taken: Callable[[], None],
    ) -> None:
        token = secrets.token_urlsafe(32)
        self._token = None if kept else token  # whose journal is kept has its token
        self._head = (
            kept.head if kept else services.new_head(session.session_id, session.options, principal, digest(token))
        )
        self._session = session
        self._services = services
        self._delivery = delivery
        self._life = life
        self._on_taken = on_taken
        self.seconds = journals.resume_seconds
        self.journal = journals.open(self._head, session, kept)
        self.journal.watch(self)

    def announced(self, ready: Ready) -> Ready:
        """Return what the client is told as the session begins, with how to come back."""
        return replace(ready, resume_token=self._token, resume_seconds=self.seconds)

    def opens_to(self, principal: Principal, token: str) -> bool:
        """Tell whether this client may go on with the session."""
        return opens(self._head, principal, token)

    async def missed(self, sequence: int) -> list[Durable]:
        """Return what went out behind a sequence; raises `SessionUnknown` if that is not known any more."""
        return [event for event in await self.journal.since(sequence) if event.sequence <= self._delivery.told]

    def greet(self, attachment: Attachment, at: int, missed: list[Durable], *, again: bool) -> None:
        """Tell a client that comes back from which sample to go on, and what it has missed."""
        resumed = self._services.resumed(self._session.session_id, self._session.options, at=at, again=again)
        attachment.greet(resumed, self._delivery.repeated(missed))

    async def close(self, *, is_left: bool) -> None:
        """Have the end written down, and let out what still waited for that; or leave all to whoever goes on."""
        if is_left or self._session.state is State.CLOSED:
            await self.journal.close()
        else:
            await self.journal.forget()
        if not is_left:
            self._delivery.let_all_out()

    # ── what the journal calls ──────────────────────────────────────────────────────────────────────────────────────

    def journal_kept(self, sequence: int, at: int | None) -> None:
        """Let out what is safe, and tell the client how much of its audio that is."""
        self._life.take(lambda: self._delivery.kept(sequence, at))

    def journal_taken(self) -> None:
        """Say nothing more: somebody else goes on."""
        self._delivery.drop()
        self._on_taken()

    def journal_away(self) -> None:
        """Let out what would have to wait, and say once that nothing is safe for now."""
        self._life.take(self._delivery.go_without)


def opens(head: JournalHead, principal: Principal, token: str) -> bool:
    """Tell whether a client may go on with a session: it holds the key that began it, and the session's token."""
    same = (head.organisation, head.key_id) == (principal.organisation, principal.key_id)
    return secrets.compare_digest(head.digest, digest(token)) and same
