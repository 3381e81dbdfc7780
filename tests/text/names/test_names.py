"""The lists of names."""

from __future__ import annotations

from stream_server.text.names import NAMES
from stream_server.text.names.people import names_of
from stream_server.text.names.titles import NOT_NAMES, TITLES, may_be_name
from stream_server.text.sentences import PHRASINGS


def test_keys_are_the_names() -> None:
    """Each name is found by itself in small letters, and has a capital."""
    for names in NAMES.values():
        assert all(key == name.casefold() != name for key, name in names.items())


def test_no_name_is_a_small_word() -> None:
    """What the grammar needs is no name."""
    for language, names in NAMES.items():
        phrasing = PHRASINGS[language]
        grammar = phrasing.leads_on | phrasing.contrasts | phrasing.takes_contrast | NOT_NAMES[language]
        assert not grammar & {key for key in names if " " not in key}
        assert not set(TITLES[language]) & set(names)


def test_behind_titles() -> None:
    """A name has letters alone and is neither a function word nor a verb."""
    assert [may_be_name(word, "id") for word in ("budi", "saya", "membeli", "rumahnya", "5", "", "berna")] == [
        True, False, False, False, False, False, True,
    ]  # fmt: skip


def test_participants() -> None:
    """Whole names and words of them; titles, everyday words and initials only within the whole, small letters never."""
    assert names_of(["Dr. Rina  Wijaya", "Speaker 1", "Will", "anna", "J. Doe"]) == {
        "dr. rina wijaya": "Dr. Rina Wijaya",
        "rina": "Rina",
        "wijaya": "Wijaya",
        "speaker 1": "Speaker 1",
        "j. doe": "J. Doe",
        "doe": "Doe",
    }


def test_participants_that_are_ordinary_words() -> None:
    """Whoever is called a pronoun or a letter changes nothing of what others say."""
    assert names_of(["A", "Me", "You", "I", "Saya", "Dia", "User", "Pak", "Me Too", "Jo"]) == {}


def test_participants_as_they_are_said() -> None:
    """The given name comes first, and what was studied is not said; a double name is one word."""
    assert names_of(["Smith, John"]) == {"john smith": "John Smith", "john": "John", "smith": "Smith"}
    assert names_of(["Rina, S.Kom., M.T.", ","]) == {"rina": "Rina"}
    assert names_of(["Anne-Marie O’Hara"]) == {
        "anne-marie o'hara": "Anne-Marie O'Hara",
        "anne-marie": "Anne-Marie",
        "o'hara": "O'Hara",
    }


def test_participants_however_they_are_encoded() -> None:
    """An accent by itself, and a hyphen that is not seen, make no other name."""
    assert names_of(["Andre\u0301", "Bu\u00addi"]) == {"andré": "André", "budi": "Budi"}
