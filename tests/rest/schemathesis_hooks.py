"""What `test_schemathesis` tells schemathesis: most names that it makes up become ones that the server knows.

`SCHEMATHESIS_NAMES` has them as JSON, by the field of a body or by the operation. Many files are speech. What is meant
to be wrong stays as it is.
"""

from __future__ import annotations

import json
import os
import zlib
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import strategies
from schemathesis.transport.serialization import Binary

NAMES: dict[str, Any] = json.loads(os.environ["SCHEMATHESIS_NAMES"])

SPEECH = (Path(__file__).resolve().parents[1] / "audio" / "clips" / "train.flac").read_bytes()

FILES = strategies.one_of(strategies.binary(max_size=100), strategies.just(SPEECH))

schemathesis.openapi.media_type("audio/*", FILES)
schemathesis.openapi.format("binary", FILES.map(Binary))


@schemathesis.hook
def map_case(context: schemathesis.HookContext, case: schemathesis.Case) -> schemathesis.Case:
    """Name what is there."""
    del context
    if case.meta is not None and case.meta.generation.mode is schemathesis.GenerationMode.NEGATIVE:
        return case
    here = NAMES.get(case.operation.label)
    if here is not None:
        case.path_parameters = {name: named(here, value) for name, value in case.path_parameters.items()}
    body = known("", case.body)
    if body is not case.body:
        case.body = body
    return case


def named(here: str, given: str) -> str:
    """Return what an operation is to be done to: what others need is not deleted."""
    return here if is_chosen(given) or given in NAMES.values() else given


def known(name: str, value: Any) -> Any:
    """Return what stands in a field instead of what was made up."""
    if isinstance(value, dict):
        inside = {inner: known(inner, each) for inner, each in value.items()}
        return value if all(inside[inner] is value[inner] for inner in value) else inside
    real = NAMES.get(name)
    alike = isinstance(value, type(real)) and not isinstance(value, Binary)
    return real if alike and is_chosen(value) else value


def is_chosen(given: Any) -> bool:
    """Tell whether to replace a value: three of four, and the same ones always."""
    return bool(zlib.crc32(repr(given).encode()) % 4)
