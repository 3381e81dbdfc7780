"""Drive deepgram-sdk 4: `deepgram_4.py MODE JOB`, the job as JSON; prints what the SDK hands to its user."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from deepgram import (
    DeepgramClient,
    DeepgramClientOptions,
    LiveOptions,
    LiveTranscriptionEvents,
    PrerecordedOptions,
)


def client_for(job: dict[str, Any]) -> DeepgramClient:
    """Return a client; the SDK drops whatever path the address has."""
    return DeepgramClient(job["key"], DeepgramClientOptions(url=job["url"], options={"keepalive": "true"}))


def live(job: dict[str, Any]) -> Any:
    """Stream as Attendee's bots do, who send `extra` as a dict, and end; `finish` sends `CloseStream` twice."""
    told: list[Any] = []
    connection = client_for(job).listen.websocket.v("1")

    def note(*given: Any, **named: Any) -> None:
        told.extend(json.loads(each.to_json()) for each in (*given, *named.values()) if hasattr(each, "to_json"))

    for kind in LiveTranscriptionEvents:
        connection.on(kind, note)
    started = connection.start(LiveOptions(**job["options"]), addons={"extra": {"bot_id": "b1"}})
    if not started:
        return {"started": False, "told": told}
    pcm = Path(job["pcm"]).read_bytes()
    for at in range(0, len(pcm), 3_200):
        connection.send(pcm[at : at + 3_200])
        time.sleep(0.03)
    connection.finalize()
    while not any(each.get("from_finalize") for each in told):  # `finish` hears nothing any more
        time.sleep(0.05)
    finished = connection.finish()
    return {"started": True, "finished": finished, "told": told}


def recorded(job: dict[str, Any]) -> Any:
    """Transcribe a file, or raw samples as Attendee's bots post them."""
    source = {"buffer": Path(job["file"]).read_bytes()}
    response = client_for(job).listen.rest.v("1").transcribe_file(source, PrerecordedOptions(**job["options"]))
    return json.loads(response.to_json())


if __name__ == "__main__":
    try:
        answer = {"live": live, "recorded": recorded}[sys.argv[1]](json.loads(sys.argv[2]))
    except Exception as error:  # noqa: BLE001  # what the SDK raises is what the test looks at
        answer = {"raised": type(error).__name__, "text": str(error), "status": getattr(error, "status", None)}
    print(json.dumps(answer))
