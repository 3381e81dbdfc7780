"""Laws of `stream_server.auth`."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from stream_server.auth import ANONYMOUS, REMEMBERED, Authenticator, Principal, _Recent
from stream_server.errors import (
    Forbidden,
    InvalidConfiguration,
    InvalidKey,
    NotFound,
    RateLimited,
    StoreUnavailable,
    TooManySessions,
)
from stream_server.store.base import SCOPES, ApiKey
from stream_server.store.keys import digest, issue_key
from stream_server.store.memory import MemoryStore

TEMPLATE = ApiKey(id="", organisation="default")


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class LeavingStore(MemoryStore):
    """A store that tests can take away, and that counts how often keys are looked up."""

    def __init__(self) -> None:
        super().__init__()
        self.away = False
        self.lookups = 0

    def _look(self) -> None:
        if self.away:
            raise StoreUnavailable("away")

    async def find_key(self, name: str) -> ApiKey | None:
        self.lookups += 1
        self._look()
        return await super().find_key(name)

    async def has_keys(self) -> bool:
        self._look()
        return await super().has_keys()

    async def admit(self, *arguments: Any) -> Any:
        self._look()
        return await super().admit(*arguments)

    async def release(self, key_id: str, session_id: str) -> None:
        self._look()
        await super().release(key_id, session_id)


@pytest.fixture
def clock() -> Clock:
    """Give a clock that stands."""
    return Clock()


@pytest.fixture
def store() -> LeavingStore:
    """Give an empty store."""
    return LeavingStore()


@pytest.fixture
def auth(store: LeavingStore, clock: Clock) -> Authenticator:
    """Give an authenticator of configured keys."""
    return Authenticator(store, open_access=False, clock=clock)


async def test_key_names_its_principal(auth: Authenticator, store: LeavingStore) -> None:
    """Who holds a key acts with everything that its record allows, and no more."""
    template = replace(TEMPLATE, user="u1", scopes=("usage",), quota_seconds=9.5, quota_period="life")
    token, key = await issue_key(store, replace(template, sessions_per_minute=3, max_sessions=2))
    assert await auth.authenticate(token) == Principal(
        organisation="default",
        key_id=key.id,
        user="u1",
        scopes=("usage",),
        quota_seconds=9.5,
        quota_period="life",
        sessions_per_minute=3,
        max_sessions=2,
    )


async def test_tokens_are_random_and_stored_as_digests(store: LeavingStore) -> None:
    """A token carries 256 random bits behind its mark and stands nowhere in the store."""
    token, key = await issue_key(store, TEMPLATE)
    other, _ = await issue_key(store, TEMPLATE)
    assert token.startswith("ss_")
    assert len(token) == 3 + 43
    assert token != other
    assert token not in repr(vars(store))
    assert await store.find_key(digest(token)) == key


@pytest.mark.parametrize(
    "changes",
    [
        {"scopes": ()},
        {"scopes": ("fly",)},
        {"quota_seconds": -1},
        {"quota_seconds": float("nan")},
        {"max_sessions": -1},
        {"sessions_per_minute": -1},
        {"quota_period": "week"},
    ],
)
async def test_nonsense_limits_are_refused(store: LeavingStore, changes: dict[str, Any]) -> None:
    """A key that could never work, or never end, is not made."""
    with pytest.raises(InvalidConfiguration):
        await issue_key(store, replace(TEMPLATE, **changes))
    assert not await store.has_keys()


async def test_key_for_an_unknown_organisation_is_not_found(store: LeavingStore) -> None:
    """Keys are made for organisations that exist."""
    with pytest.raises(NotFound):
        await issue_key(store, replace(TEMPLATE, organisation="nobody"))


@pytest.mark.parametrize("key", [None, "", "ss_wrong", "\N{SNOWMAN}"])
async def test_missing_and_unknown_keys_are_refused(auth: Authenticator, key: str | None) -> None:
    """Without a known key there is no way in."""
    with pytest.raises(InvalidKey):
        await auth.authenticate(key)


async def test_key_expires_at_its_moment(auth: Authenticator, store: LeavingStore, clock: Clock) -> None:
    """A remembered key expires as punctually as any."""
    token, _ = await issue_key(store, replace(TEMPLATE, expires_at=clock.now + 5))
    await auth.authenticate(token)
    clock.now += 5
    with pytest.raises(InvalidKey, match="expired"):
        await auth.authenticate(token)


async def test_scopes_guard_and_admin_includes_all() -> None:
    """A principal does what its scopes name; admin names everything."""
    Principal(organisation="a", scopes=("usage",)).require("usage")
    Principal(organisation="a", scopes=("admin",)).require("transcribe")
    with pytest.raises(Forbidden):
        Principal(organisation="a", scopes=("transcribe",)).require("usage")


async def test_revoking_works_here_at_once(auth: Authenticator, store: LeavingStore) -> None:
    """The process that revokes refuses the key from then on."""
    token, key = await issue_key(store, TEMPLATE)
    await auth.authenticate(token)
    await auth.revoke(key.id, "default")
    with pytest.raises(InvalidKey, match="revoked"):
        await auth.authenticate(token)


async def test_revoking_elsewhere_works_when_memory_is_no_longer_fresh(
    auth: Authenticator, store: LeavingStore, clock: Clock
) -> None:
    """Another process's revocation is seen within `fresh_seconds`."""
    token, key = await issue_key(store, TEMPLATE)
    await auth.authenticate(token)
    await store.revoke_key(key.id, None, clock.now)
    clock.now += 29
    await auth.authenticate(token)
    clock.now += 1
    with pytest.raises(InvalidKey, match="revoked"):
        await auth.authenticate(token)


async def test_revoking_anothers_key_is_not_found(auth: Authenticator, store: LeavingStore) -> None:
    """Keys of other organisations do not exist for one."""
    token, key = await issue_key(store, TEMPLATE)
    with pytest.raises(NotFound):
        await auth.revoke(key.id, "acme")
    await auth.authenticate(token)


async def test_fresh_keys_are_not_looked_up_again(auth: Authenticator, store: LeavingStore) -> None:
    """Known and unknown keys both spare the store for a while."""
    token, _ = await issue_key(store, TEMPLATE)
    for _ in range(3):
        await auth.authenticate(token)
        with pytest.raises(InvalidKey):
            await auth.authenticate("ss_wrong")
    assert store.lookups == 2


async def test_a_key_made_after_it_was_tried_works_soon(auth: Authenticator, store: LeavingStore, clock: Clock) -> None:
    """That a key was unknown is remembered for seconds only."""
    with pytest.raises(InvalidKey):
        await auth.authenticate("ss_soon")
    await store.create_key(replace(TEMPLATE, id="k1"), digest("ss_soon"))
    clock.now += 5
    assert (await auth.authenticate("ss_soon")).key_id == "k1"


async def test_known_keys_outlive_the_store_for_a_while(auth: Authenticator, store: LeavingStore, clock: Clock) -> None:
    """With the store away known keys work until they are stale; then nobody can tell."""
    token, _ = await issue_key(store, TEMPLATE)
    await auth.authenticate(token)
    store.away = True
    clock.now += 599
    await auth.authenticate(token)
    clock.now += 1
    with pytest.raises(StoreUnavailable) as refused:
        await auth.authenticate(token)
    assert refused.value.retry_after_seconds


async def test_unknown_keys_are_told_to_retry_while_the_store_is_away(auth: Authenticator, store: LeavingStore) -> None:
    """A key that nobody can check is not called wrong."""
    store.away = True
    with pytest.raises(StoreUnavailable) as refused:
        await auth.authenticate("ss_unseen")
    assert refused.value.retry_after_seconds


async def test_guessing_does_not_fill_the_memory() -> None:
    """However many keys are tried, what is remembered is bounded, and what is used stays."""
    recent = _Recent(size=10)
    recent.note("used", ApiKey(id="k", organisation="o"), 0)
    for number in range(1000):
        recent.note(f"guess {number}", None, 0)
        recent.note(f"known {number}", ApiKey(id=str(number), organisation="o"), 0)
        assert recent.known("used") is not None
    assert len(recent) == 20
    assert REMEMBERED < 100_000


async def test_without_keys_everybody_is_anonymous(store: LeavingStore, clock: Clock) -> None:
    """Open access takes any key or none, until the first key is made."""
    auth = Authenticator(store, open_access=True, clock=clock)
    assert await auth.authenticate(None) == ANONYMOUS == await auth.authenticate("anything")
    assert ANONYMOUS.scopes == SCOPES
    store.away = True
    clock.now += 60
    assert await auth.authenticate(None) == ANONYMOUS
    store.away = False
    await issue_key(store, TEMPLATE)
    with pytest.raises(InvalidKey):
        await auth.authenticate(None)


async def test_anonymous_sessions_are_not_counted(store: LeavingStore, auth: Authenticator) -> None:
    """Nobody's sessions have nobody's limits."""
    store.away = True
    await auth.admit(ANONYMOUS, "s1")
    await auth.release(ANONYMOUS, "s1")


async def test_sessions_at_once_and_per_minute_are_limited(auth: Authenticator, clock: Clock) -> None:
    """Both limits refuse with a hint when to try again."""
    principal = Principal(organisation="default", key_id="k1", max_sessions=1, sessions_per_minute=2)
    await auth.admit(principal, "s1")
    with pytest.raises(TooManySessions) as full:
        await auth.admit(principal, "s2")
    assert full.value.retry_after_seconds
    await auth.release(principal, "s1")
    await auth.admit(principal, "s2")
    await auth.release(principal, "s2")
    clock.now += 20
    with pytest.raises(RateLimited) as fast:
        await auth.admit(principal, "s3")
    assert fast.value.retry_after_seconds == 40


async def test_this_process_counts_alone_while_the_store_is_away(auth: Authenticator, store: LeavingStore) -> None:
    """With the store away the limit of sessions at once still holds for one's own."""
    principal = Principal(organisation="default", key_id="k1", max_sessions=2)
    await auth.admit(principal, "s1")
    store.away = True
    await auth.admit(principal, "s2")
    with pytest.raises(TooManySessions):
        await auth.admit(principal, "s3")
    await auth.release(principal, "s1")
    await auth.admit(principal, "s3")


async def test_heartbeat_keeps_the_living_admitted(auth: Authenticator, clock: Clock) -> None:
    """Sessions that beat keep their place for as long as they like; released ones beat no more."""
    principal = Principal(organisation="default", key_id="k1", max_sessions=1)
    await auth.admit(principal, "s1")
    for _ in range(5):
        clock.now += 50
        await auth.heartbeat()
    with pytest.raises(TooManySessions):
        await auth.admit(principal, "s2")
    await auth.release(principal, "s1")
    await auth.heartbeat()
    await auth.admit(principal, "s2")


async def test_a_crashed_process_frees_its_places(store: LeavingStore, clock: Clock) -> None:
    """Without heartbeats a place is free again after a minute."""
    principal = Principal(organisation="default", key_id="k1", max_sessions=1)
    await Authenticator(store, open_access=False, clock=clock).admit(principal, "s1")
    clock.now += 61
    await Authenticator(store, open_access=False, clock=clock).admit(principal, "s2")


async def test_start_and_stop_leave_nothing_running(auth: Authenticator) -> None:
    """The heart beats between start and stop only."""
    before = asyncio.all_tasks()
    await auth.start()
    assert len(asyncio.all_tasks()) == len(before) + 1
    await auth.stop()
    assert asyncio.all_tasks() == before
