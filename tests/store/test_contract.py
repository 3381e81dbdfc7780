"""The contract that every live store keeps, run over all of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stream_server.errors import NotFound
from stream_server.store.base import (
    DEAD_AFTER_SECONDS,
    DEFAULT_ORGANISATION,
    ApiKey,
    LeaseRequest,
    Organisation,
    Store,
    UsageFilter,
    UsageMark,
    UsageRow,
)
from stream_server.store.memory import MemoryStore
from stream_server.store.redis import RedisStore

EVERYTHING = UsageFilter()
SECOND = 1_000_000


@pytest_asyncio.fixture(params=["memory", "redis"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    """Give an empty store of each kind."""
    if request.param == "memory":
        yield MemoryStore()
        return
    redis_store = RedisStore(request.getfixturevalue("redis_url"))
    yield redis_store
    await redis_store.close()


def mark(session: int, **changes: Any) -> UsageMark:
    """Make a mark of a mono session at 16 kHz."""
    usual = UsageMark(
        session_id="s1",
        organisation="acme",
        user="u1",
        key_id="k1",
        kind="live",
        day="2026-11-24",
        clock_rate=16_000,
        session=session,
        tracks=(session,),
        speech=session // 2,
    )
    return replace(usual, **changes)


def lease(granted: int, **changes: Any) -> LeaseRequest:
    """Ask for ten seconds more than `granted` seconds of a quota of 100."""
    usual = LeaseRequest(
        session_id="s1",
        key_id="k1",
        quota_seconds=100,
        quota_period="month",
        day="2026-11-24",
        granted_microseconds=granted * SECOND,
        step_microseconds=10 * SECOND,
    )
    return replace(usual, **changes)


async def only_row(store: Store) -> UsageRow:
    """Return the one row that there is."""
    [row] = await store.query_usage(EVERYTHING)
    return row


# ── organisations and keys ──────────────────────────────────────────────────────────────────────────────────────────


async def test_answers_a_ping(store: Store) -> None:
    """A store that is there answers."""
    await store.ping()


async def test_default_organisation_needs_no_making(store: Store) -> None:
    """The default organisation is listed while there is no other, and always found."""
    assert await store.list_organisations() == [DEFAULT_ORGANISATION]
    assert await store.find_organisation("default") == DEFAULT_ORGANISATION
    await store.create_organisation(Organisation(id="acme", name="Acme", created_at=5.5))
    assert await store.list_organisations() == [Organisation(id="acme", name="Acme", created_at=5.5)]
    assert await store.find_organisation("default") == DEFAULT_ORGANISATION


async def test_unknown_organisation_is_not_found(store: Store) -> None:
    """A key cannot belong to an organisation that was not made."""
    assert await store.find_organisation("nobody") is None
    with pytest.raises(NotFound):
        await store.create_key(ApiKey(id="k1", organisation="nobody"), "d1")
    assert not await store.has_keys()


async def test_key_is_found_by_its_digest_alone(store: Store) -> None:
    """Everything about a key comes back as it was given, under its digest only."""
    key = ApiKey(
        id="k1",
        organisation="default",
        label="meeting bot",
        user="u/17",
        scopes=("transcribe", "usage"),
        quota_seconds=3600.5,
        quota_period="life",
        sessions_per_minute=5,
        max_sessions=2,
        created_at=1.25,
        expires_at=99.5,
    )
    await store.create_key(key, "d1")
    assert await store.find_key("d1") == key
    assert await store.find_key("k1") is None
    assert await store.has_keys()


async def test_keys_of_other_organisations_are_invisible(store: Store) -> None:
    """An organisation lists and revokes its own keys only."""
    await store.create_organisation(Organisation(id="acme", name="Acme"))
    await store.create_key(ApiKey(id="k2", organisation="acme", created_at=2), "d2")
    await store.create_key(ApiKey(id="k1", organisation="default", created_at=1), "d1")
    assert [key.id for key in await store.list_keys("acme")] == ["k2"]
    assert [key.id for key in await store.list_keys()] == ["k1", "k2"]
    with pytest.raises(NotFound):
        await store.revoke_key("k1", "acme", 10)


async def test_revoking_is_for_good_and_its_first_moment_stands(store: Store) -> None:
    """A revoked key stays on record with the moment it was revoked first."""
    await store.create_key(ApiKey(id="k1", organisation="default"), "d1")
    assert (await store.revoke_key("k1", "default", 10.5)).revoked_at == 10.5
    assert (await store.revoke_key("k1", None, 20)).revoked_at == 10.5
    found = await store.find_key("d1")
    assert found is not None
    assert found.revoked_at == 10.5
    assert [key.revoked_at for key in await store.list_keys()] == [10.5]
    assert await store.has_keys()


async def test_revoking_an_unknown_key_is_not_found(store: Store) -> None:
    """There is nothing to revoke without a key."""
    with pytest.raises(NotFound):
        await store.revoke_key("k9", None, 1)


# ── usage ───────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_first_mark_makes_a_row(store: Store) -> None:
    """A row names its owner and holds the samples of clock, tracks and speech."""
    assert await store.record_usage([mark(1600, tracks=(1600, 1500), speech=700)], 0) == [None]
    assert await only_row(store) == UsageRow(
        organisation="acme",
        user="u1",
        key_id="k1",
        kind="live",
        day="2026-11-24",
        clock_rate=16_000,
        sessions=1,
        billable_samples=1600,
        track_samples=3100,
        speech_samples=700,
    )


async def test_a_repeated_mark_changes_nothing(store: Store) -> None:
    """A retry of what was counted already counts nothing."""
    for _ in range(3):
        await store.record_usage([mark(1600)], 0)
    row = await only_row(store)
    assert (row.sessions, row.billable_samples, row.track_samples, row.speech_samples) == (1, 1600, 1600, 800)


async def test_an_older_mark_changes_nothing(store: Store) -> None:
    """A mark that was overtaken adds nothing and takes nothing away."""
    await store.record_usage([mark(3200), mark(1600)], 0)
    assert (await only_row(store)).billable_samples == 3200


async def test_each_track_has_its_own_high_water(store: Store) -> None:
    """Independent tracks advance one by one; each is counted to its own mark."""
    await store.record_usage([mark(100, tracks=(100, 40)), mark(100, tracks=(90, 60))], 0)
    assert (await only_row(store)).track_samples == 160


async def test_midnight_splits_a_session(store: Store) -> None:
    """What a session uses counts on the day it is used; the session itself on its first day."""
    await store.record_usage([mark(1000), mark(2500, day="2026-11-25")], 0)
    rows = await store.query_usage(EVERYTHING)
    assert [(row.day, row.sessions, row.billable_samples) for row in rows] == [
        ("2026-11-24", 1, 1000),
        ("2026-11-25", 0, 1500),
    ]


async def test_a_renewal_on_a_new_day_makes_no_row(store: Store) -> None:
    """A day on which nothing was used has no row."""
    await store.record_usage([mark(1000), mark(1000, day="2026-11-25")], 0)
    assert (await only_row(store)).day == "2026-11-24"


async def test_a_silent_session_still_counts_as_one(store: Store) -> None:
    """A session without audio is one session and no seconds."""
    await store.record_usage([mark(0)], 0)
    row = await only_row(store)
    assert (row.sessions, row.billable_samples) == (1, 0)


async def test_clock_rates_are_kept_apart(store: Store) -> None:
    """Samples of different rates are never added to each other."""
    await store.record_usage([mark(16_000), mark(44_100, session_id="s2", clock_rate=44_100)], 0)
    assert [(row.clock_rate, row.billable_samples) for row in await store.query_usage(EVERYTHING)] == [
        (16_000, 16_000),
        (44_100, 44_100),
    ]


async def test_very_long_sums_stay_exact(store: Store) -> None:
    """A year of audio at 48 kHz and one sample more differ by one sample."""
    year = 365 * 86_400 * 48_000
    await store.record_usage([mark(year, clock_rate=48_000)], 0)
    await store.record_usage([mark(year + 1, clock_rate=48_000, session_id="s2")], 0)
    assert (await only_row(store)).billable_samples == 2 * year + 1


@pytest.mark.parametrize(
    ("wanted", "sessions"),
    [
        (UsageFilter(organisation="acme"), 3),
        (UsageFilter(organisation="other"), 1),
        (UsageFilter(organisation="nobody"), 0),
        (UsageFilter(user="u2"), 1),
        (UsageFilter(key_id="k1"), 3),
        (UsageFilter(kind="recording"), 1),
        (UsageFilter(first_day="2026-11-25"), 1),
        (UsageFilter(last_day="2026-11-24"), 3),
        (UsageFilter(first_day="2026-11-25", last_day="2026-11-25", organisation="acme"), 1),
    ],
)
async def test_filters_choose_rows(store: Store, wanted: UsageFilter, sessions: int) -> None:
    """Each filter keeps its rows and no others."""
    await store.record_usage(
        [
            mark(1),
            mark(1, session_id="s2", user="u2", kind="recording"),
            mark(1, session_id="s3", day="2026-11-25"),
            mark(1, session_id="s4", organisation="other", user=None, key_id=None),
        ],
        0,
    )
    assert sum(row.sessions for row in await store.query_usage(wanted)) == sessions


async def test_names_with_separators_stay_whole(store: Store) -> None:
    """A user's id may hold any character."""
    await store.record_usage([mark(1, user='a|b:"c"\n{')], 0)
    assert (await only_row(store)).user == 'a|b:"c"\n{'


@given(order=st.lists(st.integers(0, 9), min_size=1, max_size=30))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_of_any_repeats_adds_up_to_the_highest(order: list[int]) -> None:
    """However marks are shuffled and repeated, the sum is the highest mark."""

    async def law() -> None:
        memory = MemoryStore()
        await memory.record_usage([mark(step * 160) for step in order], 0)
        assert (await only_row(memory)).billable_samples == max(order) * 160

    asyncio.run(law())


# ── quota ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def charged(session: int, granted: int, **changes: Any) -> UsageMark:
    """Make a mark that is charged to a quota; both in seconds."""
    usual = {"quota_period": "month", "granted": granted * 16_000}
    return mark(session * 16_000, **usual | changes)


async def test_leases_come_in_steps_until_nothing_is_left(store: Store) -> None:
    """Ten seconds at a time, the last lease what remains, then no more."""
    grants = []
    granted = 0
    for _ in range(4):
        granted = await store.lease_quota(lease(granted // SECOND, quota_seconds=25), 0)
        grants.append(granted / SECOND)
    assert grants == [10, 20, 25, 25]


async def test_a_repeated_lease_grants_nothing_twice(store: Store) -> None:
    """An answer that was lost on the way is given again."""
    first = await store.lease_quota(lease(0), 0)
    assert await store.lease_quota(lease(0), 0) == first == 10 * SECOND


async def test_many_sessions_share_one_quota(store: Store) -> None:
    """Fifty sessions that ask at once are granted the quota together and not a microsecond more."""
    grants = await asyncio.gather(*(store.lease_quota(lease(0, session_id=f"s{n}"), 0) for n in range(50)))
    assert sum(grants) == 100 * SECOND
    assert sorted(grants)[-10:] == [10 * SECOND] * 10


async def test_recorded_use_is_charged_once(store: Store) -> None:
    """What is used moves from lease to record; repeating the mark charges nothing."""
    await store.lease_quota(lease(0), 0)
    assert await store.record_usage([charged(4, 10), charged(4, 10)], 1) == [4 * SECOND, 4 * SECOND]
    others = await store.lease_quota(lease(0, session_id="s2", step_microseconds=1000 * SECOND), 2)
    assert others == 90 * SECOND


async def test_closing_gives_back_what_was_not_used(store: Store) -> None:
    """The end of a session settles its lease to the real use."""
    await store.lease_quota(lease(0), 0)
    assert await store.record_usage([charged(4, 10, closed=True)], 1) == [4 * SECOND]
    assert await store.lease_quota(lease(0, session_id="s2", step_microseconds=1000 * SECOND), 2) == 96 * SECOND


async def test_a_late_mark_does_not_bring_a_closed_lease_back(store: Store) -> None:
    """A mark that arrives after the closing one holds no quota."""
    await store.record_usage([charged(4, 10, closed=True), charged(3, 10)], 1)
    assert await store.lease_quota(lease(0, session_id="s2", step_microseconds=1000 * SECOND), 2) == 96 * SECOND


async def test_a_closed_session_is_granted_nothing_more(store: Store) -> None:
    """A lease that was asked for before the end and arrives after it holds no quota back."""
    await store.record_usage([charged(4, 10, closed=True)], 1)
    assert await store.lease_quota(lease(10), 2) == 10 * SECOND
    assert await store.lease_quota(lease(0, session_id="s2", step_microseconds=1000 * SECOND), 2) == 96 * SECOND


async def test_a_dead_lease_falls_back_to_what_was_recorded(store: Store) -> None:
    """A session that was not heard of for a minute holds only what it used."""
    await store.lease_quota(lease(0), 0)
    await store.record_usage([charged(3, 10)], 5)
    rest = lease(0, session_id="s2", step_microseconds=1000 * SECOND)
    assert await store.lease_quota(rest, 5 + DEAD_AFTER_SECONDS) == 90 * SECOND
    assert await store.lease_quota(rest, 6 + DEAD_AFTER_SECONDS) == 97 * SECOND


async def test_a_lease_from_before_an_outage_counts_when_it_is_told(store: Store) -> None:
    """Seconds granted while the store was away are charged and held when it is back."""
    assert await store.record_usage([charged(15, 20)], 0) == [15 * SECOND]
    assert await store.lease_quota(lease(0, session_id="s2", step_microseconds=1000 * SECOND), 1) == 80 * SECOND


async def test_a_quota_begins_anew_each_month(store: Store) -> None:
    """What was used in November does not count in December, within one session too."""
    await store.record_usage([charged(100, 100)], 0)
    assert await store.lease_quota(lease(100), 0) == 100 * SECOND
    assert await store.lease_quota(lease(100, day="2026-12-01"), 1) == 110 * SECOND
    assert await store.record_usage([charged(104, 110, day="2026-12-01")], 2) == [4 * SECOND]


async def test_a_quota_for_life_never_begins_anew(store: Store) -> None:
    """What was used in November counts for ever."""
    await store.record_usage([charged(95, 100, quota_period="life", closed=True)], 0)
    later = lease(0, session_id="s2", quota_period="life", day="2027-03-01")
    assert await store.lease_quota(later, 1) == 5 * SECOND


async def test_quotas_of_two_keys_are_apart(store: Store) -> None:
    """One key's use leaves the other's quota whole."""
    await store.record_usage([charged(100, 100)], 0)
    assert await store.lease_quota(lease(0, session_id="s2", key_id="k2"), 0) == 10 * SECOND


async def test_a_quota_of_nothing_grants_nothing(store: Store) -> None:
    """Zero is a quota too."""
    assert await store.lease_quota(lease(0, quota_seconds=0), 0) == 0


async def test_fifty_streaming_sessions_never_overshoot_by_more_than_a_lease(store: Store) -> None:
    """Fifty sessions that stream at once, some dying unseen, use their quota up and hardly more."""
    used = dict.fromkeys(range(50), 0)

    async def stream(number: int) -> None:
        granted = 0
        while True:
            target = await store.lease_quota(lease(granted, session_id=f"s{number}"), 0)
            if target <= granted * SECOND:
                return
            while granted < target // SECOND:
                granted += 1
                used[number] = granted
                await store.record_usage([charged(granted, target // SECOND, session_id=f"s{number}")], 0)

    await asyncio.gather(*(stream(number) for number in range(50)))
    assert 100 <= sum(used.values()) <= 110
    assert (await only_row(store)).billable_samples == sum(used.values()) * 16_000


# ── admission ───────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_sessions_at_once_are_limited(store: Store) -> None:
    """A full key admits again when one of its sessions ends; other keys do not mind."""
    assert (await store.admit("k1", "s1", 0, None, 1))[0] == "admitted"
    outcome, retry_after = await store.admit("k1", "s2", 1, None, 1)
    assert (outcome, retry_after > 0) == ("too_many_sessions", True)
    assert (await store.admit("k2", "s2", 1, None, 1))[0] == "admitted"
    await store.release("k1", "s1")
    assert (await store.admit("k1", "s2", 2, None, 1))[0] == "admitted"


async def test_admitting_again_takes_no_second_place(store: Store) -> None:
    """A repeated admission of a session is the same admission."""
    for now in range(3):
        assert (await store.admit("k1", "s1", now, 1, 1))[0] == "admitted"


async def test_starts_within_a_minute_are_limited(store: Store) -> None:
    """The window slides; the answer tells when it will have room; refused starts do not count."""
    assert (await store.admit("k1", "s1", 100, 2, None))[0] == "admitted"
    assert (await store.admit("k1", "s2", 120, 2, None))[0] == "admitted"
    await store.release("k1", "s1")
    assert await store.admit("k1", "s3", 130, 2, None) == ("rate_limited", 30)
    assert await store.admit("k1", "s3", 159, 2, None) == ("rate_limited", 1)
    assert (await store.admit("k1", "s3", 160, 2, None))[0] == "admitted"


async def test_a_crashed_servers_places_free_themselves(store: Store) -> None:
    """Sessions that are renewed keep their place; one that is not loses it after a minute."""
    await store.admit("k1", "s1", 0, None, 2)
    await store.admit("k1", "s2", 0, None, 2)
    await store.renew("k1", ["s1"], 50)
    assert (await store.admit("k1", "s3", DEAD_AFTER_SECONDS, None, 2))[0] == "too_many_sessions"
    assert (await store.admit("k1", "s3", DEAD_AFTER_SECONDS + 1, None, 2))[0] == "admitted"
    assert (await store.admit("k1", "s4", DEAD_AFTER_SECONDS + 1, None, 2))[0] == "too_many_sessions"


async def test_a_limit_of_none_at_all_admits_nobody(store: Store) -> None:
    """Zero is a limit too."""
    assert (await store.admit("k1", "s1", 0, None, 0))[0] == "too_many_sessions"
    assert (await store.admit("k1", "s1", 0, 0, None))[0] == "rate_limited"
