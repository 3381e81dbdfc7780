"""What real models write passes through the formatter no worse than it came."""

from __future__ import annotations

import pytest

from stream_server.asr.whisper import WhisperEngine
from stream_server.text.formatting import PLAIN, Formatting
from tests.text.restoring import heard_meeting, meeting, passed, score


@pytest.mark.parametrize("model", ["tiny", "base"])
def test_marks_and_capitals_are_kept(model: str, request: pytest.FixtureRequest) -> None:
    """Those of the sample meeting are as right behind the formatter as before it, with its numbers written or not."""
    engine: WhisperEngine = request.getfixturevalue(model)
    due = [word for turn in meeting("en_heard") for word in turn.words]
    turns = heard_meeting(engine)
    before = score(due, [word for turn in turns for word in turn])
    for formatting in (PLAIN, Formatting()):
        after = score(due, [word for turn in turns for word in passed(turn, "en", formatting)])
        assert after.marks_f1 >= before.marks_f1
        assert after.words - after.words_right <= before.words - before.words_right  # "three hours" is "3 hours" then
        assert after.capitals_f1 >= before.capitals_f1
