from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from stream_server.errors import InternalError, InvalidConfiguration, MessageTooLarge, NotInstalled
from stream_server.evaluate.request import answer, read_answer


def request(reference: Any, hypothesis: Any, form: str = "text", **options: Any) -> bytes:
    """Return a request as the server hands it to a process."""
    sides = {"reference": {"format": form, "content": reference}, "hypothesis": {"format": form, "content": hypothesis}}
    return json.dumps({**sides, "options": options}).encode()


def test_a_report() -> None:
    """What comes back is the report's JSON."""
    report = read_answer(answer(request("one two", "one too", normalizer="none")))
    assert report["wer"]["rate"] == 0.5


def test_json_may_stand_in_the_request_as_it_is() -> None:
    """Nobody has to write JSON into JSON."""
    assert read_answer(answer(request([{"text": "a"}], '[{"text": "a"}]', "json")))["wer"]["rate"] == 0


def test_errors_come_back_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their class and sentence survive the way between the processes."""
    with pytest.raises(InvalidConfiguration, match="the hypothesis, line 2: STM has"):
        read_answer(answer(request("", "m 1 A 0 1 a\nm", "stm")))
    with pytest.raises(MessageTooLarge, match="1 words"):
        read_answer(answer(request("a b", "a", max_words=1)))
    monkeypatch.setitem(sys.modules, "jiwer", None)
    with pytest.raises(NotInstalled, match="jiwer"):
        read_answer(answer(request("a", "a")))


@pytest.mark.parametrize("written", [b"", b"{", b'{"error": {"code": "new", "message": "x"}}'])
def test_what_is_no_answer(written: bytes) -> None:
    """A process that fails otherwise is our fault."""
    with pytest.raises(InternalError):
        read_answer(written)


def test_as_a_process() -> None:
    """`python -m stream_server.evaluate` reads one request and writes one answer, and nothing else."""
    command = [sys.executable, "-W", "ignore", "-m", "stream_server.evaluate"]
    done = subprocess.run(command, input=request("a b", "a"), capture_output=True, check=True)
    assert read_answer(done.stdout)["wer"]["deletions"] == 1
    assert done.stderr == b""
