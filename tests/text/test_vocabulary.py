"""Terms are written as they are given wherever they were heard, and nowhere else."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Sequence

import pytest

from stream_server.text import vocabulary
from stream_server.text.formatting import Term
from stream_server.text.phrases import Phrases
from stream_server.text.tokens import Passage, Token, passage_of
from stream_server.text.vocabulary import writing_terms

TERMS = (
    Term("Meemo", ("mimo", "me mo")),
    Term("eunuch", ("unic",)),
    Term("Budi Santoso", ("budi san toso", "meemo pro")),
    Term("Yahoo!", ("ya hu",)),
    Term("post-mortem", ("postmodum",)),
    Term("mimosa"),
    Term("\u200b"),
)


def written(*words: str, ended: bool = True) -> Passage:
    """Return words with the terms written."""
    return writing_terms(TERMS)(passage_of(words, ended=ended))


def shown(text: str) -> str:
    """Return what is shown for it."""
    return " ".join(token.text for token in written(*text.split()).tokens)


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("we use MIMO, and mimo.", "we use Meemo, and Meemo."),
        ("we use me mo daily", "we use Meemo daily"),
        ("mimo's, mimos and mimonya", "Meemo's, Meemos and Meemonya"),
        ("mimosa and memo and simo", "mimosa and memo and simo"),
        ("(budi san toso)", "(Budi Santoso)"),
        ("meemo pro", "Budi Santoso"),
        ("The Unic said", "The eunuch said"),
        ("ya hu! yahoo. yahoo!,", "Yahoo! Yahoo!. Yahoo!,"),
        ("post mortem, postmortem and post-mortem", "post-mortem, post-mortem and post-mortem"),
        ("budi and santoso", "budi and santoso"),
    ],
)
def test_terms_are_written_as_given(said: str, read: str) -> None:
    """In their own case, with the marks and endings around them kept; what is written stays when it is heard again."""
    assert shown(said) == read
    assert shown(read) == read


def test_a_term_is_not_touched_again() -> None:
    """No rule finds anything in what somebody asked for."""
    [term, other] = written("Meemo", "is").tokens
    assert (term.fixed, term.key, other.fixed) == (True, "", False)


def test_a_term_waits_only_for_what_may_belong_to_it() -> None:
    """A word with which no term begins is settled at once."""
    assert written("we", "use", ended=False).settled == 2
    assert written("we", "me", ended=False).settled == 1
    assert written("we", "me", "mo", ended=False).settled == 2


def test_an_ending_stays_as_it_was_said() -> None:
    """In its own case, whatever nobody sees stands behind it."""
    assert shown("MIMO'S mimoNYA\u00ad") == "Meemo'S MeemoNYA"


def test_a_vocabulary_is_made_ready_once_and_kept_by_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those who write by the same one at the same time share it, and it goes with the last of them."""
    made: list[weakref.ref[Phrases[Token]]] = []

    class Counted(Phrases[Token]):
        def __init__(self, phrases: Iterable[tuple[str, Token]], endings: Sequence[tuple[str, int]]) -> None:
            super().__init__(phrases, endings)
            made.append(weakref.ref(self))

    monkeypatch.setattr(vocabulary, "Phrases", Counted)
    stages = [writing_terms((Term("Prosa", ("prosah",)),)) for _ in range(2)]
    assert len(made) == 1
    assert stages.pop()(passage_of(["prosah"])).tokens[0].text == "Prosa"
    assert made[0]() is not None
    stages.clear()
    assert made[0]() is None
