"""The page on running the server lists what it tells of itself."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from prometheus_client.metrics_core import Metric

from stream_server.metrics import Metrics
from stream_server.rest.operations.health import Condition
from tests.test_metrics import NOTHING

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "deploy.md").read_text()
ROW = re.compile(r"^\| (`[^|]+`) \| (gauge|counter|histogram) \|([^|]*)\|", re.MULTILINE)


def shown(metric: Metric) -> str:
    """Return a metric's name as Prometheus has it, without ours."""
    return metric.name.removeprefix("stream_server_") + ("_total" if metric.type == "counter" else "")


def test_every_metric_has_its_row() -> None:
    """With its kind, and nothing else has one."""
    metrics = Metrics()
    metrics.watch(replace(NOTHING, workers={"asr": lambda: 0}))
    listed = {(name, kind) for names, kind, _ in ROW.findall(PAGE) for name in re.findall(r"`(\w+)`", names)}
    assert listed == {(shown(metric), metric.type) for metric in metrics.registry.collect()}


def test_labels_are_few_and_tell_nobody() -> None:
    """Those that the page names, none of which is an id or a name of anybody."""
    labels = {name for *_, cell in ROW.findall(PAGE) for name in re.findall(r"`(\w+)`", cell)}
    assert labels == {"dialect", "outcome", "code", "type", "reason", "worker", "kind", "stage"}
    metrics = Metrics()
    known = {name for collector in metrics.registry._collector_to_names for name in collector._labelnames}
    assert known == labels


def test_what_waits_is_explained() -> None:
    """Every field of readiness that tells of a store is named."""
    fields = [name for name in Condition.__annotations__ if "waiting" in name or name in ("redis", "database")]
    assert fields
    assert all(f"`{name}`" in PAGE for name in [*fields, "usage_buffered", "webhooks_dead"])
