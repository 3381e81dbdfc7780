from __future__ import annotations

import json

from stream_server.evaluate.evaluation import Options, evaluate, total
from stream_server.evaluate.formats import parse
from stream_server.evaluate.report import as_json, as_rows, as_table

REFERENCE = parse("m 1 Ann 0 10 a b c d\nm 1 Ben 10 20 e f g h\n", "stm", "x")
HYPOTHESIS = parse("m 1 1 0 12 a x c d\nm 1 2 12 18 f g h i\n", "stm", "x")
FULL = evaluate(REFERENCE, HYPOTHESIS, Options(normalizer="none"))
BARE = evaluate(parse("", "text", "x"), parse("a", "text", "x"), Options(language="id"))


def test_json() -> None:
    """Every number is there under its name, with its unit."""
    told = json.loads(json.dumps(as_json(FULL)))
    assert told["wer"] == {
        "rate": 0.375, "substitutions": 1, "deletions": 1, "insertions": 1,
        "reference_length": 8, "hypothesis_length": 8,
    }  # fmt: skip
    assert told["der"] == {
        "rate": 0.184211, "missed_seconds": 1.75, "false_alarm_seconds": 0.0, "confusion_seconds": 1.75,
        "reference_seconds": 19.0,
    }  # fmt: skip
    assert told["der_without_overlap"] == told["der"]
    assert told["speaker_confusion"] == {
        "reference_speakers": ["Ann", "Ben"],
        "hypothesis_speakers": ["1", "2"],
        "seconds": [[10.0, 0.0], [2.0, 6.0]],
        "missed_seconds": [0.0, 2.0],
        "false_alarm_seconds": [0.0, 0.0],
        "mapping": [{"reference": "Ann", "hypothesis": "1"}, {"reference": "Ben", "hypothesis": "2"}],
    }
    assert told["cpwer"]["assignment"] == [
        {"reference": "Ann", "hypothesis": "1"},
        {"reference": "Ben", "hypothesis": "2"},
    ]
    assert (told["normalizer"], told["unit"], told["collar_seconds"], told["not_computed"]) == (
        "none",
        "word",
        0.25,
        {},
    )


def test_json_of_what_is_not_there() -> None:
    """A score that is missing is null and has its sentence; a rate of nothing is null."""
    told = as_json(BARE)
    assert told["wer"]["rate"] is None
    assert told["wer"]["insertions"] == 1
    assert told["der"] is None
    assert told["not_computed"]["der"] == "the reference has no speakers"


def test_table() -> None:
    """People read names, percent and who was taken for whom."""
    assert as_table(FULL) == (
        "word error rate         37.50 %  1 substituted, 1 deleted, 1 inserted, of 8 words\n"
        "character error rate    33.33 %  5 substituted, 0 deleted, 0 inserted, of 15 characters\n"
        "diarization error rate  18.42 %  1.75 s missed, 0.00 s made up, 1.75 s confused, of 19.00 s\n"
        "… without overlap       18.42 %  1.75 s missed, 0.00 s made up, 1.75 s confused, of 19.00 s\n"
        "cpWER                   37.50 %  1 substituted, 1 deleted, 1 inserted, of 8 words\n"
        "\n"
        "0.25 s to each side of every start and end are not scored\n"
        "\n"
        "cpWER takes 1 for Ann, 2 for Ben\n"
        "\n"
        "who was taken for whom, in seconds:\n"
        "          1 (Ann)  2 (Ben)  (nobody)\n"
        "Ann         10.00     0.00      0.00\n"
        "Ben          2.00     6.00      2.00\n"
        "(nobody)     0.00     0.00\n"
    )


def test_table_of_what_is_not_there() -> None:
    """What cannot be told has a line with its reason, and a rate of nothing is a dash."""
    lines = as_table(BARE).splitlines()
    assert lines[0].split("  ")[0] == "word error rate"
    assert "-" in lines[0].split()
    assert lines[-1] == (
        "not computed, for the reference has no speakers: cpWER, diarization error rate, who was taken for whom"
    )


def test_a_terminal_is_not_commanded_by_names() -> None:
    """Control characters in a speaker's name stay out of the table."""
    hostile = parse('[{"speaker": "\\u001b[2Jx", "start": 0, "end": 1, "text": "a"}]', "json", "x")
    assert "\x1b" not in as_table(evaluate(hostile, hostile, Options()))


def test_rows() -> None:
    """Several files are a row each, with dashes where a score is missing, and their total."""
    lines = as_rows({"one": FULL, "two": BARE}, total([FULL, BARE])).splitlines()
    assert lines[0].split() == ["file", "WER", "CER", "DER", "DER", "without", "overlap", "cpWER"]
    assert lines[2].split() == ["two", "-", "-", "-", "-", "-"]
    assert lines[3].startswith("total  50.00 %")
