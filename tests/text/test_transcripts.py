"""Laws of `stream_server.text.transcripts`."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from stream_server.text.transcripts import Passage, SaidWord, as_markdown, as_text, paragraphs
from tests.text.said import RATE, said, talks


def test_a_speakers_words_are_one_paragraph_until_somebody_else_speaks() -> None:
    """Utterances of one speaker are joined; a change inside an utterance begins a line."""
    utterances = [said("Ann", "Hello there."), said("Ann", "How are you?"), said("Ann", "Well,") + said("Bo", "Fine.")]
    assert as_text(paragraphs(utterances, RATE)) == "Ann: Hello there. How are you? Well,\nBo: Fine.\n"


def test_nobody_has_no_name() -> None:
    """Where nobody is told apart, it is as if one person spoke, who has no name."""
    assert as_text(paragraphs([said("", "One two."), said("", "Three.")], RATE)) == "One two. Three.\n"
    assert as_text(paragraphs([], RATE)) == ""


def test_a_pause_behind_a_sentence_begins_a_paragraph() -> None:
    """Two seconds do, in an utterance or between two; in mid-sentence nobody has come to an end."""
    talk = [said("Ann", "Well, that is all."), said("Ann", "Next", 4_000) + said("Ann", "is this.", 9_000)]
    assert [each.text for each in paragraphs(talk, RATE)] == ["Well, that is all.", "Next is this."]
    talk = [said("Ann", "All."), said("Ann", "Next.", 2_499)]
    assert [(each.text, each.start, each.end) for each in paragraphs(talk, RATE)] == [("All. Next.", 0, 2_999)]


def test_a_long_paragraph_ends_with_its_sentence() -> None:
    """The sentence that passes the length is the last one."""
    sentence = "One two three four five six seven eight nine ten."
    talk = [said("Ann", " ".join([sentence] * 24))]
    assert [each.text.count(".") for each in paragraphs(talk, RATE)] == [11, 11, 2]


def test_without_marks_an_utterance_is_a_sentence() -> None:
    """Who wants no marks gets paragraphs all the same."""
    talk = [said("Ann", "one two"), said("Ann", "three", 4_000)]
    assert [each.text for each in paragraphs(talk, RATE)] == ["one two", "three"]


def test_hidden_words_are_no_silence() -> None:
    """A word that shows nothing was said all the same: it is no pause, and no line."""
    words = said("Ann", "So. er er er er Yes.")
    hidden = [SaidWord("" if word.text == "er" else word.text, word.start, word.end, "Ann") for word in words]
    assert as_text(paragraphs([hidden], RATE)) == "Ann: So. Yes.\n"


@given(talks())
def test_paragraphs_keep_every_word(talk: list[list[SaidWord]]) -> None:
    """Every word stands in one paragraph, in order, under whoever said it."""
    words = [(word.speaker, word.text) for utterance in talk for word in utterance]
    assert [(each.speaker, text) for each in paragraphs(talk, RATE) for text in each.text.split()] == words


def test_markdown() -> None:
    """A heading, what is known, then each passage below its speaker and time."""
    passages = [Passage("Ann", "Hello.", 0, 900), Passage("", "Who is that?", 3_661_500, 3_662_000)]
    assert as_markdown("Stand-up", ["Duration: 1:01:02"], passages, RATE) == (
        "# Stand-up\n\n- Duration: 1:01:02\n\n**Ann** 0:00:00\n\nHello.\n\n1:01:01\n\nWho is that?\n"
    )


@given(text=st.text(st.characters(codec="utf-8", exclude_categories=("C",)), min_size=1).filter(str.strip))
def test_markdown_shows_words_as_they_are(text: str) -> None:
    """Nothing that was said turns into a list, a link, emphasis or HTML."""
    page = MarkdownIt().render(as_markdown("t", [], [Passage("", text, 0, 1)], RATE))
    shown = _Text()
    shown.feed(page)
    assert shown.paragraphs == ["0:00:00", " ".join(text.split())]
    assert shown.tags == {"h1", "p"}


class _Text(HTMLParser):
    """Collects the tags and paragraphs of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.paragraphs: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        del attrs
        self.tags.add(tag)
        if tag == "p":
            self.paragraphs.append("")

    def handle_data(self, data: str) -> None:
        """Note what is shown in a paragraph."""
        if self.paragraphs:
            self.paragraphs[-1] += data.strip("\n")
