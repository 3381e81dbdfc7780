"""Laws of `stream_server.text.transcripts`."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from stream_server.text.transcripts import Passage, as_markdown, as_text, paragraphs
from tests.text.said import RATE, said


def test_a_speakers_words_are_one_paragraph_until_somebody_else_speaks() -> None:
    """Utterances of one speaker are joined; a change inside an utterance begins a line."""
    utterances = [said("Ann", "Hello there."), said("Ann", "How are you?"), said("Ann", "Well,") + said("Bo", "Fine.")]
    assert as_text(paragraphs(utterances)) == "Ann: Hello there. How are you? Well,\nBo: Fine.\n"


def test_unnamed_utterances_stand_alone() -> None:
    """Where nobody is told apart, each utterance has its line and no name."""
    assert as_text(paragraphs([said("", "One two."), said("", "Three.")])) == "One two.\nThree.\n"
    assert as_text([]) == ""


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
