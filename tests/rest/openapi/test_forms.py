from __future__ import annotations

import pytest

from stream_server import errors
from stream_server.compat.openai.errors import MissingParameter
from stream_server.compat.prosa.errors import ModelNotFound
from stream_server.errors import InvalidConfiguration, NotFound, RecordingTooLong, UnexpectedMessage
from stream_server.rest.openapi.forms import DEEPGRAM, OPENAI, OURS, PROSA, Form, refusals


@pytest.mark.parametrize("form", [DEEPGRAM, OPENAI, OURS, PROSA], ids=lambda form: form.name)
def test_every_error_has_a_status_and_a_code(form: Form) -> None:
    """A form says each class of the tree, and finds the code where it says that it stands."""
    classes = [each for each in vars(errors).values() if isinstance(each, type) and hasattr(each, "code")]
    for status, code in map(form.told, classes):
        assert 400 <= status <= 599
        assert code


def test_classes_that_want_to_know_more_are_described_too() -> None:
    """What an error's constructor asks for is nothing to its status and code."""
    assert PROSA.told(ModelNotFound) == (400, "asr_model_not_found")
    assert PROSA.told(RecordingTooLong) == (413, "asr_request_file_too_large")
    assert OPENAI.told(MissingParameter) == (400, "missing_required_parameter")
    assert OURS.told(RecordingTooLong) == (413, "recording_too_long")


def test_errors_of_one_status_stand_together() -> None:
    """An answer lists each code that comes with its status once, with what it means."""
    found = refusals((NotFound, InvalidConfiguration, UnexpectedMessage, InvalidConfiguration), OURS)
    assert list(found) == [400, 404]
    assert [code for code, _ in found[400]] == ["invalid_configuration", "unexpected_message"]
    assert found[404] == [("not_found", (NotFound.__doc__ or "").strip())]


def test_codes_are_narrowed_where_they_stand() -> None:
    """The schema of an answer allows the codes that it can have and no others."""
    narrow = OURS.narrowed(["b", "a"])
    assert narrow["allOf"][0] == {"$ref": "#/components/schemas/Error"}
    assert narrow["allOf"][1] == {"properties": {"error": {"properties": {"code": {"enum": ["a", "b"]}}}}}
