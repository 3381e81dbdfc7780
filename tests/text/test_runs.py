"""What hangs together is read as one; a mark ends it."""

from __future__ import annotations

from dataclasses import replace

from stream_server.text.rewriting import Reader
from stream_server.text.runs import Run
from stream_server.text.tokens import passage_of


def run_of(text: str, at: int = 0, first: str | None = None) -> Run:
    """Return the run that begins at a word of a text."""
    tokens = passage_of(text.split()).tokens
    reader = Reader(tokens, len(tokens), ended=True)
    reader.at = at
    return Run(reader, first)


def test_a_mark_ends_a_run() -> None:
    """Neither what stands behind a trailing mark is read nor what a leading one opens."""
    assert run_of("one two, three").keys(0, 9) == ("one", "two")
    assert run_of("one (two three)").keys(0, 9) == ("one",)
    assert run_of("(one two) three").keys(0, 9) == ("one", "two")
    assert run_of("one").token(1) is None


def test_a_turn_ends_a_run() -> None:
    """What somebody else says is another run's, in front as well as behind."""
    one, two, three = passage_of(["one", "two", "three"]).tokens
    reader = Reader((one, two, replace(three, turn=True)), 3, ended=True)
    assert Run(reader).keys(0, 9) == ("one", "two")
    reader.at = 2
    assert Run(reader).before() == ""


def test_what_stands_in_front() -> None:
    """It counts only where no mark lies between, unless somebody asks for that too."""
    assert run_of("from, one two", 2).before() == "one"
    assert run_of("from, one two", 2).before(2) == ""
    assert run_of("from, one two", 2).earlier(2) == "from"
    assert run_of("from (one two", 1).before() == ""
    assert run_of("one").before() == ""


def test_marks_stay_around_what_is_written() -> None:
    """The first word's opening marks and the last one's closing marks are kept."""
    part = run_of("(twenty five), and").write("25", 2)
    assert (part.count, part.text) == (2, "(25),")
    assert run_of("a (b) c", 0).write("x", 2, 1).count == 1


def test_the_first_word_may_be_read_otherwise() -> None:
    """A sign in front of digits is taken off, and the rest is read as it is."""
    assert run_of("$1 million").reread("1").keys(0, 2) == ("1", "million")


def test_what_follows_is_seen_behind_marks() -> None:
    """Whether a sentence ends is told by what comes behind its last mark."""
    after = run_of("p.m. We").following(0)
    assert after is not None
    assert after.text == "We"
    assert run_of("p.m.").following(0) is None


def test_what_is_beside_a_token_does_not_depend_on_the_mark_of_a_pause() -> None:
    """It is put there afterwards: behind a pause a mark parts nothing, and behind none it does."""
    for texts, pauses, beside in (
        (["ten", "minus", "one"], [0.0, 0.0, 0.0], ("ten", "one")),
        (["ten,", "minus", "one"], [0.0, 0.0, 0.0], ("", "one")),
        (["ten,", "minus", "one"], [0.0, 0.4, 0.0], ("ten", "one")),
        (["ten", "minus.", "one"], [0.0, 0.0, 0.8], ("ten", "one")),
    ):
        reader = Reader(passage_of(texts, pauses).tokens, 3, ended=True)
        reader.at = 1
        assert Run(reader).beside() == beside
