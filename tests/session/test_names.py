"""Speakers are called by what somebody said before what a voice says, and merged ones by one name."""

from __future__ import annotations

import pytest

from stream_server.events import Revised, Speaker
from stream_server.session.names import SpeakerNames


class Told:
    """Names, and what was told of them."""

    def __init__(self, **persons: str) -> None:
        self.news: list[Revised] = []
        self.names = SpeakerNames({int(number[1:]): name for number, name in persons.items()}, self.news.append)


@pytest.fixture
def told() -> Told:
    """Give the names of a session in which one track is a person's."""
    return Told(_1="Ana")


def test_an_enrolled_voice_is_named_until_it_is_not_taken_for_that_any_more(told: Told) -> None:
    """Only changes are told."""
    told.names.recognise({2: "Budi"})
    told.names.recognise({2: "Budi"})
    assert told.names.speaker(2, 0.5) == Speaker(id=2, name="Budi", confidence=0.5)
    told.names.recognise({})
    assert told.names.speaker(2) == Speaker(id=2)
    assert [(news.reason, news.names) for news in told.news] == [
        ("recognised", ((2, "Budi"),)),
        ("recognised", ((2, None),)),
    ]


def test_no_voice_renames_who_has_a_name_of_its_own(told: Told) -> None:
    """Neither a person's track nor whom somebody has named, or has said to be nobody."""
    told.names.rename(2, "Citra")
    told.names.rename(3, None)
    told.news.clear()
    told.names.recognise({1: "Budi", 2: "Budi", 3: "Budi"})
    assert (told.names.called, told.news) == ({1: "Ana", 2: "Citra"}, [])


def test_who_was_merged_is_the_other_from_then_on(told: Told) -> None:
    """Over several steps, and under whatever number it is renamed."""
    told.names.rename(3, "Citra")
    told.names.merge(3, 2)
    told.names.merge(2, 1)
    assert [told.names.now(number) for number in (1, 2, 3)] == [1, 1, 1]
    told.names.rename(3, "Ana B.")
    assert told.names.called == {1: "Ana B."}
    assert [news.merged for news in told.news if news.reason == "merged"] == [((3, 2),), ((2, 1),)]


def test_somebody_else_goes_on_with_the_names(told: Told) -> None:
    """With who was named by whom."""
    told.names.rename(2, "Budi")
    told.names.merge(3, 2)
    told.names.recognise({4: "Dewi"})
    other = Told()
    other.names.go_on(told.names.standing)
    other.names.recognise({2: "Citra", 4: "Eka"})
    assert other.names.called == {1: "Ana", 2: "Budi", 4: "Eka"}
    assert other.names.now(3) == 2
