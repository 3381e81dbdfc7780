"""What `stream_server.store.redis` adds to the contract: a server that leaves, returns, and knows newer records."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stream_server.errors import StoreUnavailable
from stream_server.store.base import ApiKey, LeaseRequest, UsageFilter
from stream_server.store.redis import RedisStore

LEASE = LeaseRequest(
    session_id="s1",
    key_id="k1",
    quota_seconds=10,
    quota_period="life",
    day="2026-11-24",
    granted_microseconds=0,
    step_microseconds=5,
)


async def test_an_absent_redis_is_unavailable_with_a_hint(tmp_path: Path) -> None:
    """Every kind of question to a Redis that is not there ends in the same error, which says when to try again."""
    store = RedisStore(f"unix://{tmp_path}/nobody.sock")
    questions = [
        store.ping(),
        store.find_key("d"),
        store.list_keys(),
        store.query_usage(UsageFilter()),
        store.lease_quota(LEASE, 0),
        store.admit("k1", "s1", 0, 1, 1),
        store.release("k1", "s1"),
    ]
    for question in questions:
        with pytest.raises(StoreUnavailable) as away:
            await question
        assert away.value.retry_after_seconds
    await store.close()


async def test_a_restarted_redis_is_told_the_scripts_again(private_redis: Any) -> None:
    """A new server process knows no script; the caller does not notice, and leases are still there."""
    store = RedisStore(private_redis.url)
    assert await store.lease_quota(LEASE, 0) == 5
    private_redis.stop()
    with pytest.raises(StoreUnavailable):
        await store.lease_quota(LEASE, 0)
    private_redis.start()
    assert await store.lease_quota(LEASE, 0) == 5
    await store.close()


async def test_fields_of_a_newer_version_are_passed_over(redis_server: Any) -> None:
    """A record that a newer version wrote is read for what this one knows."""
    store = RedisStore(redis_server.url)
    await store.create_key(ApiKey(id="k1", organisation="default"), "d1")
    with redis_server.client as client:
        record = json.loads(client.hget("ss:keys", "k1"))
        client.hset("ss:keys", "k1", json.dumps(record | {"colour": "blue"}))
    assert await store.find_key("d1") == ApiKey(id="k1", organisation="default")
    await store.close()


async def test_secrets_are_not_in_redis(redis_server: Any) -> None:
    """What stands in Redis holds the digest of a key, never the key."""
    store = RedisStore(redis_server.url)
    await store.create_key(ApiKey(id="k1", organisation="default"), "digest-of-it")
    with redis_server.client as client:
        assert client.hgetall("ss:key-digests") == {"digest-of-it": "k1"}
        assert sorted(client.keys()) == ["ss:key-digests", "ss:keys"]
    await store.close()


async def test_live_sessions_are_remembered_as_long_as_they_are_renewed(redis_server: Any) -> None:
    """The set of a key's live sessions does not expire while one of them speaks."""
    store = RedisStore(redis_server.url)
    assert await store.admit("k1", "s1", 0, None, 1) == ("admitted", 0.0)
    with redis_server.client as client:
        client.expire("ss:live:k1", 5)
        await store.renew("k1", ["s1"], 1)
        assert client.ttl("ss:live:k1") > 60
    await store.close()
