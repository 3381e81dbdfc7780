"""What the golden conversations cannot show: laws over all frames and orders, and the vendor's traps one by one."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream_server.compat.openai.realtime import RealtimeDialect
from stream_server.errors import (
    InvalidKey,
    QuotaExceeded,
    ServerFull,
    ServerStopping,
    SessionTooLong,
    StreamServerError,
)
from stream_server.events import (
    ChangeOptions,
    Closed,
    Event,
    Failed,
    Final,
    Flush,
    Flushed,
    NothingSaid,
    Partial,
    Ready,
    Speaker,
    SpeechEnded,
    SpeechStarted,
    Word,
)
from stream_server.protocol.dialect import (
    AudioData,
    Authenticate,
    Close,
    Configure,
    DeclareAudio,
    Handshake,
    Input,
    Reply,
)
from stream_server.session.options import AudioFormat

SECOND = 24_000
TRANSCRIPTION = "conversation.item.input_audio_transcription"


class Talk:
    """A dialect with a client: what each side says is kept as messages."""

    def __init__(self, query: dict[str, str] | None = None, **handshake: Any) -> None:
        self.dialect = RealtimeDialect(expires_at=9)
        self.opened = self.dialect.open(Handshake(path="/v1/realtime", query=query or {}, **handshake))
        (self.created,) = self.hear(
            Ready(session_id="s", clock_rate=SECOND, tracks=("a",), model="tiny", engine="e", language=None)
        )
        self.closed: Close | None = None

    def send(self, kind: str, **fields: Any) -> tuple[list[dict[str, Any]], list[Input]]:
        """Return the replies to an event of the client, and the other inputs."""
        inputs = self.dialect.decode(json.dumps({"type": kind, **fields}))
        replies = [json.loads(item.frame) for item in inputs if isinstance(item, Reply)]
        return replies, [item for item in inputs if not isinstance(item, Reply)]

    def append(self, seconds: float = 1.0) -> None:
        """Send silence."""
        self.send("input_audio_buffer.append", audio=base64.b64encode(bytes(2 * round(seconds * SECOND))).decode())

    def hear(self, *events: Event) -> list[dict[str, Any]]:
        """Return what the client is told of events."""
        outputs = [output for event in events for output in self.dialect.encode(event)]
        self.closed = next((output for output in outputs if isinstance(output, Close)), None)
        return [json.loads(output) for output in outputs if not isinstance(output, Close)]

    def update(self, **heard: Any) -> dict[str, Any]:
        """Update the input's settings; return the session that holds then."""
        replies, _ = self.send("session.update", session={"type": "transcription", "audio": {"input": heard}})
        return dict(replies[-1]["session"])


def committing(**handshake: Any) -> Talk:
    """Return a talk in which the client commits."""
    talk = Talk(**handshake)
    talk.update(turn_detection=None)
    return talk


def words(text: str, start: float = 0.0, speaker: int | None = None) -> tuple[Word, ...]:
    """Return the words of a text, a tenth of a second each."""
    who = None if speaker is None else Speaker(id=speaker)
    return tuple(
        Word(
            text=word,
            spoken=word,
            start=round((start + number / 10) * SECOND),
            end=round((start + number / 10 + 0.1) * SECOND),
            confidence=0.5,
            speaker=who,
        )
        for number, word in enumerate(text.split())
    )


def started(number: int, at: float) -> SpeechStarted:
    """Return the start of an utterance, at these seconds."""
    return SpeechStarted(track=0, utterance_id=f"u{number}", at=round(at * SECOND))


def ended(number: int, at: float) -> SpeechEnded:
    """Return the end of one."""
    return SpeechEnded(track=0, utterance_id=f"u{number}", at=round(at * SECOND))


def flushed(flush: Input) -> Flushed:
    """Return the answer to a flush."""
    assert isinstance(flush, Flush)
    return Flushed(sequence=1, flush_id=flush.flush_id, at=SECOND)


def partial(number: int, stable: str) -> Partial:
    """Return what is sure of an utterance so far."""
    return Partial(
        sequence=0,
        track=0,
        utterance_id=f"u{number}",
        start=0,
        end=0,
        stable=words(stable),
        tentative=(),
        stable_text=stable,
        tentative_text="maybe",
        language=None,
        lag_ms=0,
    )


def final(number: int, text: str, *, start: float = 0.0, speakers: tuple[int, ...] = ()) -> Final:
    """Return all of an utterance, half of it by each of two speakers if they are given."""
    said = words(text, start)
    if speakers:
        half = len(said) // 2
        said = words(" ".join(text.split()[:half]), start, speakers[0]) + words(
            " ".join(text.split()[half:]), start + 1, speakers[1]
        )
    return Final(
        sequence=1,
        track=0,
        speaker=None,
        utterance_id=f"u{number}",
        start=said[0].start or 0,
        end=said[-1].end or 0,
        words=said,
        text=text,
        language="en",
        lag_ms=0,
    )


def kinds(messages: list[dict[str, Any]]) -> list[str]:
    """Return the types, shortened."""
    return [
        message["type"].removeprefix(f"{TRANSCRIPTION}.").removeprefix("input_audio_buffer.") for message in messages
    ]


def joined(messages: list[dict[str, Any]], item_id: str) -> str:
    """Return an item's deltas as a client joins them."""
    return "".join(m["delta"] for m in messages if m["type"].endswith(".delta") and m["item_id"] == item_id)


# ── the session object ──────────────────────────────────────────────────────────────────────────────────────────────


def test_the_session_is_created_before_anything_is_asked() -> None:
    """The first frame is `session.created`, with all that holds; type and rate decide which class it is parsed to."""
    talk = Talk({"intent": "transcription"})
    assert talk.created["type"] == "session.created"
    session = talk.created["session"]
    assert (session["type"], session["id"], session["expires_at"]) == ("transcription", "sess_s", 9)
    heard = session["audio"]["input"]
    assert heard["format"] == {"type": "audio/pcm", "rate": 24_000}
    assert heard["turn_detection"]["type"] == "server_vad"
    assert heard["transcription"]["model"] == "tiny"
    authenticate, configure = talk.opened
    assert authenticate == Authenticate(key=None)
    assert isinstance(configure, Configure)
    assert configure.options.audio == AudioFormat(encoding="pcm_s16le", sample_rate=24_000)
    assert (configure.options.endpointing_ms, configure.options.may_idle) == (500, True)


def test_what_is_absent_stays_and_null_turns_off() -> None:
    """An update merges key by key."""
    talk = Talk()
    talk.update(transcription={"model": "whisper-1", "language": "id-ID"}, noise_reduction={"type": "near_field"})
    session = talk.update(transcription={"prompt": "Rapat."})["audio"]["input"]
    assert session["transcription"] == {"model": "whisper-1", "language": "id-ID", "prompt": "Rapat."}
    assert session["noise_reduction"] == {"type": "near_field"}
    session = talk.update(turn_detection=None, noise_reduction=None)["audio"]["input"]
    assert session["turn_detection"] is session["noise_reduction"] is None


def test_options_follow_the_session() -> None:
    """Language, languages, prompt, keywords and silence are what later utterances are recognised by."""
    talk = Talk()
    transcription = {"language": "id-ID", "prompt": "Rapat.", "keywords": ["Budi", "Sri"]}
    update = {"audio": {"input": {"transcription": transcription, "turn_detection": {"silence_duration_ms": 350}}}}
    _, (change,) = talk.send("session.update", session=update)
    assert change == ChangeOptions(
        language="id", languages=(), hotwords="Budi, Sri", context="Rapat.", endpointing_ms=350
    )
    update = {"audio": {"input": {"transcription": {"language": None, "languages": ["en", "de-DE"]}}}}
    _, (change,) = talk.send("session.update", session=update)
    assert isinstance(change, ChangeOptions)
    assert (change.language, change.languages) == ("", ("en", "de"))


@pytest.mark.parametrize(("eagerness", "silence_ms"), [("low", 1_000), ("medium", 600), ("high", 300), (None, 600)])
def test_semantic_turn_detection_is_silence_of_some_length(eagerness: str | None, silence_ms: int) -> None:
    """The eager wait less; it is echoed as it was asked for."""
    talk = Talk()
    turns = {"type": "semantic_vad", **({"eagerness": eagerness} if eagerness else {})}
    replies, inputs = talk.send("session.update", session={"audio": {"input": {"turn_detection": turns}}})
    assert inputs[0].endpointing_ms == silence_ms  # type: ignore[union-attr]
    assert replies[0]["session"]["audio"]["input"]["turn_detection"] == turns


def test_a_type_that_is_realtime_is_echoed() -> None:
    """Bots without an intent ask for a conversation; they get the transcription they want under its name."""
    talk = Talk({"model": "gpt-realtime"})
    assert talk.created["session"]["audio"]["input"]["transcription"]["model"] == "gpt-realtime"
    replies, _ = talk.send("session.update", session={"type": "realtime", "include": ["x"], "voice": "alloy"})
    assert replies[0]["session"]["type"] == "realtime"
    assert replies[0]["session"]["object"] == "realtime.session"
    assert replies[0]["session"]["include"] == ["x"]


@pytest.mark.parametrize("model", ["gpt-realtime-whisper", "gpt-live-transcribe-2026"])
def test_models_without_turns_leave_commits_to_their_clients(model: str) -> None:
    """LiveKit names no turn detection for these and commits itself: a turn of ours would make its commit an error."""
    talk = Talk()
    assert talk.update(transcription={"model": model})["audio"]["input"]["turn_detection"] is None
    other = Talk()
    other.update(turn_detection={"type": "server_vad"})
    assert other.update(transcription={"model": model})["audio"]["input"]["turn_detection"] is not None


@pytest.mark.parametrize(
    ("wanted", "encoding", "raw_rate"),
    [
        ({"type": "audio/pcmu"}, "pcm_mulaw", 8_000),
        ({"type": "audio/pcma"}, "pcm_alaw", 8_000),
        ({"type": "audio/pcm", "rate": 16_000}, "pcm_s16le", 16_000),
    ],
)
def test_other_formats_are_declared(wanted: dict[str, Any], encoding: str, raw_rate: int) -> None:
    """Telephone audio, and PCM of other rates, run on the same clock."""
    talk = Talk()
    replies, inputs = talk.send("session.update", session={"audio": {"input": {"format": wanted}}})
    assert inputs == [DeclareAudio(audio=AudioFormat(encoding=encoding, sample_rate=24_000, raw_rate=raw_rate))]
    assert replies[0]["session"]["audio"]["input"]["format"] == wanted


@pytest.mark.parametrize(
    "session",
    [
        None,
        {"audio": []},
        {"audio": {"input": {"format": {"type": "audio/opus"}}}},
        {"audio": {"input": {"format": {"type": "audio/pcm", "rate": 1}}}},
        {"audio": {"input": {"transcription": "whisper-1"}}},
        {"include": "logprobs"},
    ],
)
def test_a_malformed_update_is_an_error_and_changes_nothing(session: object) -> None:
    """The error names the client's event; the connection goes on as it was."""
    talk = Talk()
    before = talk.update()
    (error,), inputs = talk.send("session.update", session=session, event_id="mine")
    assert (error["type"], error["error"]["type"], error["error"]["event_id"]) == (
        "error",
        "invalid_request_error",
        "mine",
    )
    assert not inputs
    assert talk.update() == before


def test_the_beta_has_its_own_names() -> None:
    """Flat keys and `transcription_session` in and out; an entry is created, not added."""
    talk = Talk({"intent": "transcription"}, headers={"openai-beta": "realtime=v1"})
    assert talk.created["type"] == "transcription_session.created"
    assert talk.created["session"]["input_audio_format"] == "pcm16"
    session = {
        "input_audio_format": "g711_ulaw",
        "input_audio_transcription": {"model": "whisper-1", "language": "en"},
        "turn_detection": None,
    }
    (updated,), inputs = talk.send("transcription_session.update", session=session)
    assert updated["type"] == "transcription_session.updated"
    assert {key: updated["session"][key] for key in ("input_audio_format", "turn_detection")} == {
        "input_audio_format": "g711_ulaw",
        "turn_detection": None,
    }
    assert isinstance(inputs[0], DeclareAudio)
    talk.send("input_audio_buffer.append", audio=base64.b64encode(bytes(8_000)).decode())
    replies, _ = talk.send("input_audio_buffer.commit")
    assert kinds(replies) == ["committed", "conversation.item.created"]


# ── turns that the server detects ───────────────────────────────────────────────────────────────────────────────────


def test_a_turn_is_told_in_the_vendors_order() -> None:
    """Speech, early words, silence, the entry, the rest of the words; one item runs through all."""
    talk = Talk()
    talk.append(3)
    messages = talk.hear(started(1, 1.0), partial(1, "Good"), ended(1, 2.0), final(1, "Good morning."))
    assert kinds(messages) == [
        *("speech_started", "delta", "speech_stopped", "committed"),
        *("conversation.item.added", "conversation.item.done", "delta", "completed"),
    ]
    (item_id,) = {m.get("item_id") or m["item"]["id"] for m in messages}
    assert (messages[0]["audio_start_ms"], messages[2]["audio_end_ms"]) == (700, 2_000)
    assert joined(messages, item_id) == messages[-1]["transcript"] == "Good morning."
    assert messages[-1]["usage"] == {"type": "duration", "seconds": 1.0}
    assert messages[-1]["languages"] == [{"code": "en"}]
    assert len({m["event_id"] for m in messages}) == len(messages)


def test_items_are_chained() -> None:
    """Each names the one before; the first names none."""
    talk = Talk()
    messages = talk.hear(started(1, 0), ended(1, 1), started(2, 2), ended(2, 3))
    first, second = [m for m in messages if m["type"].endswith("committed")]
    assert (first["previous_item_id"], second["previous_item_id"]) == (None, first["item_id"])


def test_deltas_of_two_items_do_not_mix() -> None:
    """LiveKit keeps one running line: words of the next turn wait until the one before is complete."""
    talk = Talk()
    messages = talk.hear(started(1, 0), ended(1, 1), started(2, 2), partial(2, "Two words"))
    assert "delta" not in kinds(messages)
    messages = talk.hear(final(1, "One."))
    assert [(kind, m.get("delta", m.get("transcript"))) for kind, m in zip(kinds(messages), messages, strict=True)] == [
        ("delta", "One."),
        ("completed", "One."),
        ("delta", "Two words"),
    ]


def test_a_turn_without_words_completes_empty() -> None:
    """Who waits for an entry's end gets it, be it nothing."""
    talk = Talk()
    talk.hear(started(1, 0), ended(1, 1))
    (completed,) = talk.hear(NothingSaid(track=0, utterance_id="u1"))
    assert (kinds([completed]), completed["transcript"]) == (["completed"], "")


def test_a_turn_that_cannot_be_recognised_fails() -> None:
    """`failed` stands in for `completed`."""
    talk = Talk()
    talk.hear(started(1, 0), ended(1, 1))
    (failed,) = talk.hear(NothingSaid(track=0, utterance_id="u1", failed=True))
    assert kinds([failed]) == ["failed"]
    assert failed["error"]["code"] == "engine_failed"


def test_a_commit_in_a_turn_ends_it() -> None:
    """The commit flushes; the turn's own entry answers it."""
    talk = Talk()
    talk.append()
    talk.hear(started(1, 0))
    _, (flush,) = talk.send("input_audio_buffer.commit")
    assert isinstance(flush, Flush)
    messages = talk.hear(ended(1, 1), final(1, "Yes."), Flushed(sequence=1, flush_id=flush.flush_id, at=SECOND))
    assert kinds(messages).count("committed") == kinds(messages).count("completed") == 1


def test_a_commit_of_silence_is_an_empty_item() -> None:
    """No turn was there, yet the client waits for an answer."""
    talk = Talk()
    talk.append(2)
    _, (flush,) = talk.send("input_audio_buffer.commit")
    assert isinstance(flush, Flush)
    messages = talk.hear(Flushed(sequence=1, flush_id=flush.flush_id, at=2 * SECOND))
    assert (kinds(messages)[0], kinds(messages)[-1]) == ("committed", "completed")
    assert (messages[-1]["transcript"], messages[-1]["usage"]["seconds"]) == ("", 2.0)


def test_every_commit_of_silence_is_an_item() -> None:
    """Two that are under way at once are two items, one behind the other, each of its own length."""
    talk = Talk()
    flushes = []
    for seconds in (2, 1):
        talk.append(seconds)
        flushes += talk.send("input_audio_buffer.commit")[1]
    messages = talk.hear(*(flushed(flush) for flush in flushes))
    first, second = [m for m in messages if m["type"].endswith("committed")]
    assert second["previous_item_id"] == first["item_id"]
    assert [m["usage"]["seconds"] for m in messages if m["type"].endswith("completed")] == [2.0, 1.0]


def test_what_is_said_after_a_commit_does_not_answer_it() -> None:
    """A later turn may end while the words of an earlier one are waited for: both commits get their own item."""
    talk = Talk()
    talk.append(3)
    talk.hear(started(1, 0), ended(1, 1))
    _, (silent,) = talk.send("input_audio_buffer.commit")
    talk.append(2)
    talk.hear(started(2, 3.5))
    _, (spoken,) = talk.send("input_audio_buffer.commit")
    messages = talk.hear(ended(2, 5), final(1, "One."), flushed(silent), final(2, "Two."), flushed(spoken))
    assert kinds(messages).count("committed") == 2
    assert [m["transcript"] for m in messages if m["type"].endswith("completed")] == ["One.", "", "Two."]


def test_a_clear_leaves_what_was_committed() -> None:
    """Neither an open turn nor one that is found late is dropped if it lies before the commit; what follows it is."""
    for late in (False, True):
        talk = Talk()
        talk.append(2)
        early = [] if late else talk.hear(started(1, 0.5))
        _, (commit,) = talk.send("input_audio_buffer.commit")
        talk.append(2)
        _, (clear,) = talk.send("input_audio_buffer.clear")
        early += talk.hear(started(1, 0.5)) if late else []
        assert kinds(early) == ["speech_started"]
        messages = talk.hear(ended(1, 2), final(1, "Kept."), flushed(commit))
        assert [m["transcript"] for m in messages if m["type"].endswith("completed")] == ["Kept."]
        assert kinds(messages).count("committed") == 1
        assert talk.hear(started(2, 2.5), ended(2, 4), final(2, "Gone."), flushed(clear)) == []


def test_turns_may_clear_too() -> None:
    """An open turn that is cleared is never heard of again; what is said later is."""
    talk = Talk()
    talk.append()
    talk.hear(started(1, 0.2), partial(1, "Never"))
    (cleared,), (flush,) = talk.send("input_audio_buffer.clear")
    assert cleared["type"] == "input_audio_buffer.cleared"
    assert isinstance(flush, Flush)
    assert talk.hear(ended(1, 1), final(1, "Never mind."), Flushed(sequence=1, flush_id=flush.flush_id, at=1)) == []
    talk.append()
    assert kinds(talk.hear(started(2, 1.5)))[0] == "speech_started"


# ── items that the client commits ───────────────────────────────────────────────────────────────────────────────────


def test_a_commit_joins_what_was_said_since_the_last() -> None:
    """Without turn detection speech is not told of; all utterances between two commits are one item."""
    talk = committing()
    talk.append(4)
    early = talk.hear(started(1, 0), partial(1, "One"), ended(1, 1), final(1, "One."), started(2, 2))
    assert set(kinds(early)) == {"delta"}
    replies, (flush,) = talk.send("input_audio_buffer.commit")
    assert kinds(replies) == ["committed", "conversation.item.added", "conversation.item.done"]
    assert isinstance(flush, Flush)
    messages = talk.hear(ended(2, 4), final(2, "Two."), Flushed(sequence=3, flush_id=flush.flush_id, at=4 * SECOND))
    item_id = replies[0]["item_id"]
    assert messages[-1]["transcript"] == joined(early + messages, item_id) == "One. Two."
    assert messages[-1]["usage"]["seconds"] == 4.0


def test_what_is_said_after_a_commit_belongs_to_the_next_item() -> None:
    """Recognition is behind the client: its later words come before the earlier item is complete."""
    talk = committing()
    talk.append(2)
    talk.hear(started(1, 0.5))
    (first, *_), (flush,) = talk.send("input_audio_buffer.commit")
    assert isinstance(flush, Flush)
    talk.append(2)
    talk.hear(ended(1, 2), started(2, 2.0), partial(2, "Two"))
    messages = talk.hear(final(1, "One."), Flushed(sequence=2, flush_id=flush.flush_id, at=2 * SECOND))
    assert [m["transcript"] for m in messages if m["type"].endswith("completed")] == ["One."]
    assert joined(messages, first["item_id"]) == "One."
    (second, *_), (flush,) = talk.send("input_audio_buffer.commit")
    assert isinstance(flush, Flush)
    assert second["previous_item_id"] == first["item_id"]
    messages += talk.hear(final(2, "Two."), Flushed(sequence=4, flush_id=flush.flush_id, at=4 * SECOND))
    assert messages[-1]["transcript"] == joined(messages, second["item_id"]) == "Two."


def test_utterances_that_start_late_find_their_commit() -> None:
    """The commit is answered at once; speech from before it may still be found out about."""
    talk = committing()
    talk.append(2)
    (committed, *_), (flush,) = talk.send("input_audio_buffer.commit")
    assert isinstance(flush, Flush)
    messages = talk.hear(started(1, 0.5), ended(1, 1.5), final(1, "Late."))
    messages += talk.hear(Flushed(sequence=2, flush_id=flush.flush_id, at=2 * SECOND))
    assert (messages[-1]["item_id"], messages[-1]["transcript"]) == (committed["item_id"], "Late.")


@pytest.mark.parametrize("turns", [True, False])
def test_less_than_a_tenth_of_a_second_cannot_be_committed(turns: bool) -> None:
    """The error says how much there is, in the vendor's words, and nothing is committed."""
    talk = Talk() if turns else committing()
    talk.append(0.05)
    (error,), inputs = talk.send("input_audio_buffer.commit", event_id="c")
    assert error["error"]["code"] == "input_audio_buffer_commit_empty"
    assert error["error"]["event_id"] == "c"
    assert error["error"]["message"].endswith("Expected at least 100ms of audio, but buffer only has 50.00ms of audio.")
    assert not inputs


def test_cleared_words_are_in_no_item() -> None:
    """What was said before a clear is dropped, recognised already or not; the next item is fresh."""
    talk = committing()
    talk.append(2)
    early = talk.hear(started(1, 0.2), partial(1, "Forget"))
    talk.send("input_audio_buffer.clear")
    assert talk.hear(ended(1, 2), final(1, "Forget this."), NothingSaid(track=0, utterance_id="x")) == []
    (error,), _ = talk.send("input_audio_buffer.commit")
    assert error["error"]["code"] == "input_audio_buffer_commit_empty"
    talk.append(2)
    talk.hear(started(2, 2.5))
    (committed, *_), (flush,) = talk.send("input_audio_buffer.commit")
    assert isinstance(flush, Flush)
    messages = talk.hear(final(2, "Keep."), Flushed(sequence=2, flush_id=flush.flush_id, at=1))
    assert messages[-1]["transcript"] == "Keep."
    assert committed["item_id"] not in {m["item_id"] for m in early}


def test_an_item_of_silence_completes_empty() -> None:
    """Every commit gets its end."""
    talk = committing()
    talk.append()
    _, (flush,) = talk.send("input_audio_buffer.commit")
    assert isinstance(flush, Flush)
    (completed,) = talk.hear(Flushed(sequence=1, flush_id=flush.flush_id, at=SECOND))
    assert completed["transcript"] == ""


def test_an_item_in_which_all_failed_fails() -> None:
    """One in which something was understood completes with that."""
    for also_said, kind in ((False, "failed"), (True, "completed")):
        talk = committing()
        talk.append(3)
        talk.hear(started(1, 0), ended(1, 1), started(2, 2), ended(2, 3))
        _, (flush,) = talk.send("input_audio_buffer.commit")
        assert isinstance(flush, Flush)
        second = final(2, "Yes.") if also_said else NothingSaid(track=0, utterance_id="u2")
        messages = talk.hear(NothingSaid(track=0, utterance_id="u1", failed=True), second)
        messages += talk.hear(Flushed(sequence=1, flush_id=flush.flush_id, at=1))
        assert kinds(messages)[-1] == kind


def test_turns_may_be_switched_on_and_off() -> None:
    """What was collected becomes an item, and each way of ending items holds from where it was asked for."""
    talk = committing()
    talk.append(2)
    talk.hear(started(1, 0.5))
    replies, inputs = talk.send(
        "session.update", session={"audio": {"input": {"turn_detection": {"type": "server_vad"}}}}
    )
    assert kinds(replies)[0] == "committed"
    assert isinstance(inputs[0], Flush)
    talk.hear(final(1, "Before."), Flushed(sequence=1, flush_id=inputs[0].flush_id, at=2 * SECOND))
    talk.append(2)
    messages = talk.hear(started(2, 2.5), ended(2, 3), final(2, "Turn."))
    assert (kinds(messages)[0], messages[-1]["transcript"]) == ("speech_started", "Turn.")
    talk.update(turn_detection=None)
    talk.append(2)
    assert talk.hear(started(3, 4.5), ended(3, 5)) == []


# ── what can be asked for besides ───────────────────────────────────────────────────────────────────────────────────


def test_logprobs_come_where_they_are_asked_for() -> None:
    """A word's confidence is told as a logarithm."""
    talk = Talk()
    talk.send("session.update", session={"include": ["item.input_audio_transcription.logprobs"]})
    completed = talk.hear(started(1, 0), ended(1, 1), final(1, "Yes."))[-1]
    assert completed["logprobs"] == [{"token": "Yes.", "bytes": list(b"Yes."), "logprob": -0.6931}]


def test_speakers_are_segments_of_a_model_that_diarizes() -> None:
    """The model is named in the handshake, for voices are heard from the first second on."""
    talk = Talk({"model": "gpt-4o-transcribe-diarize"})
    configure = talk.opened[1]
    assert isinstance(configure, Configure)
    assert configure.options.diarize
    messages = talk.hear(started(1, 0), ended(1, 2), final(1, "Are you there I am", speakers=(1, 2)))
    segments = [m for m in messages if m["type"].endswith("segment")]
    assert [(s["speaker"], s["start"], s["end"], s["text"]) for s in segments] == [
        ("A", 0.0, 0.2, "Are you"),
        ("B", 1.0, 1.3, "there I am"),
    ]
    assert kinds(messages)[-1] == "completed"


def test_transcription_may_be_off() -> None:
    """Then there are turns and items, and no words."""
    talk = Talk()
    talk.update(transcription=None)
    messages = talk.hear(started(1, 0), partial(1, "No"), ended(1, 1), final(1, "No words."))
    assert kinds(messages)[-1] == "conversation.item.done"


# ── what goes wrong ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("no json", "unexpected_message"),
        (b"\0\0", "unexpected_message"),
        ('{"type": "response.create", "event_id": "mine"}', "unexpected_message"),
        ('{"type": "conversation.item.create", "event_id": "mine"}', "unexpected_message"),
        ('{"type": "input_audio_buffer.append", "audio": "*", "event_id": "mine"}', "invalid_value"),
        ('{"type": "input_audio_buffer.append", "event_id": "mine"}', "invalid_value"),
    ],
)
def test_what_is_not_understood_is_an_error_and_the_socket_stays(frame: str | bytes, code: str) -> None:
    """One error, with the event's own id where it has one."""
    (reply,) = Talk().dialect.decode(frame)
    assert isinstance(reply, Reply)
    error = json.loads(reply.frame)["error"]
    assert error["code"] == code
    assert error["event_id"] == ("mine" if "mine" in str(frame) else None)


@given(st.lists(st.text() | st.binary() | st.dictionaries(st.sampled_from(["type", "audio", "session"]), st.text())))
def test_no_frame_raises(frames: list[Any]) -> None:
    """Whatever is sent, the dialect answers."""
    dialect = RealtimeDialect()
    for frame in frames:
        dialect.decode(json.dumps(frame) if isinstance(frame, dict) else frame)


def test_a_long_event_is_read_and_one_that_is_no_audio_refused() -> None:
    """Fifteen megabytes of base64 are an event; as much of anything else is not looked at."""
    audio = base64.b64encode(bytes(range(256)) * 8_000).decode()
    for written in (audio, audio.replace("/", "\\/")):
        (data,) = Talk().dialect.decode(f'{{"type": "input_audio_buffer.append", "audio": "{written}"}}')
        assert data == AudioData(data=bytes(range(256)) * 8_000)
    for hostile in (
        "[" * 400_000,
        f'{{"type": "input_audio_buffer.append", "audio": "{audio}", "x": {[0] * 200_000}}}',
    ):
        (reply,) = Talk().dialect.decode(hostile)
        assert isinstance(reply, Reply)
        assert json.loads(reply.frame)["error"]["code"] == "message_too_large"


@pytest.mark.parametrize(
    ("error", "code", "reason", "told"),
    [
        (None, 1000, "", []),
        (InvalidKey("no"), 3000, "invalid_request_error.invalid_api_key", ["invalid_api_key"]),
        (QuotaExceeded("no"), 1008, "insufficient_quota.insufficient_quota", ["insufficient_quota"]),
        (ServerFull("no"), 1013, "server_error.server_full", ["server_full"]),
        (SessionTooLong("no"), 1001, "invalid_request_error.session_expired", ["session_expired"]),
        (ServerStopping("no"), 1001, "server_error.server_stopping", []),
    ],
)
def test_the_end_has_its_code_and_at_most_one_error(
    error: StreamServerError | None, code: int, reason: str, told: list[str]
) -> None:
    """A server that stops says so by its code alone: clients connect again, and give up on an error event."""
    talk = Talk()
    failed = [Failed(error=error, at=0)] if error else []
    messages = talk.hear(*failed, Closed(error=error, at=0))
    assert [message["error"]["code"] for message in messages] == told
    assert talk.closed == Close(code=code, reason=reason)


def test_items_without_their_words_fail_at_the_end() -> None:
    """Every committed item gets exactly one `completed` or `failed`, however the session ends."""
    talk = committing()
    talk.append()
    talk.send("input_audio_buffer.commit")
    (failed,) = talk.hear(Closed(error=ServerStopping("later"), at=SECOND))
    assert kinds([failed]) == ["failed"]
