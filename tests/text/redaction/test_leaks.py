"""However a secret is said, cut into utterances and recognised bit by bit: never four digits of it in a row."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from stream_server.text.formatting import Formatting, Secret
from stream_server.text.redaction.kinds import passes_luhn
from stream_server.text.tokens import Passage, passage_of
from tests.leaks import DIGITS, ENGLISH_TENS, FILLERS, LINKS, MANY, leaked
from tests.text.once import format_passage

WORDS = ("hello", "itu", "the", "kita", "orang", "card", "kartu", "in", "tahun", "jam", "at", "juta", "minggu")


def said_as_one(pair: str, language: tuple[str, ...]) -> list[str]:
    """Return how two digits are said as one number, from twenty on; others digit by digit."""
    if len(pair) < 2 or pair[0] in "01":
        return [language[int(digit)] for digit in pair]
    tens = f"{language[int(pair[0])]} puluh" if language is DIGITS["id"] else ENGLISH_TENS[int(pair[0]) - 2]
    return [*tens.split(), *([] if pair[1] == "0" else [language[int(pair[1])]])]


@st.composite
def spoken(draw: st.DrawFn, secret: str) -> list[str]:
    """Say a secret: in figures, in words of two languages, in groups and doubles, with what people say between."""
    words: list[str] = []
    at = 0
    while at < len(secret):
        length = draw(st.integers(1, 6))
        group, at = secret[at : at + length], at + length
        how = draw(st.sampled_from(["figures", "dashed", "words", "double", "glued", "pairs"]))
        language = DIGITS[draw(st.sampled_from(["id", "en"]))]
        if how == "figures":
            words.append(group)
        elif how == "dashed":
            words.append("-".join(group))
        elif how == "glued":
            words.append("-".join(language[int(digit)] for digit in group))
        elif how == "double" and len(group) > 1 and group == group[0] * len(group) and len(group) < MANY:
            words += ["double" if len(group) == 2 else "triple", language[int(group[0])]]
        elif how == "pairs":
            words += [word for pair in (group[:2], group[2:4], group[4:]) for word in said_as_one(pair, language)]
        else:
            words += [language[int(digit)] for digit in group]
        if at < len(secret):
            words[-1] += draw(st.sampled_from(["", "", "", ",", "."]))
            words += draw(st.lists(st.sampled_from(FILLERS + LINKS), max_size=4))
    return words


@st.composite
def signed(draw: st.DrawFn, secret: str) -> list[str]:
    """Say a secret in groups that were taken for money or a share, with no more than a filler between."""
    form = draw(st.sampled_from(["${}", "Rp{}", "{}%", "€{}"]))
    size = draw(st.integers(2, MANY + 1))
    words: list[str] = []
    for at in range(0, len(secret) // size * size, size):
        forms = [form, form, form, "{}"] if size >= MANY else [form]
        words.append(draw(st.sampled_from(forms)).format(secret[at : at + size]))
        words += draw(st.lists(st.sampled_from(FILLERS), max_size=1))
    return words


@st.composite
def secrets(draw: st.DrawFn) -> tuple[Secret, str]:
    """Give a card, a NIK or a telephone number."""
    kind = draw(st.sampled_from(["card", "nik", "phone", "misheard"]))
    digits = "".join(draw(st.lists(st.sampled_from("0123456789"), min_size=12, max_size=12)))
    if kind == "nik":
        return "nik", f"3275{digits}"
    if kind == "phone":
        return "phone", "08" + digits[: draw(st.integers(8, 11))]
    if kind == "misheard":
        return "card", f"411{digits}"
    body = f"411{digits}"
    return "card", next(body + last for last in "0123456789" if passes_luhn(body + last))


@st.composite
def talks(draw: st.DrawFn) -> tuple[tuple[Secret, ...], str, list[list[str]]]:
    """Give a secret within other words, cut into utterances anywhere."""
    kind, secret = draw(secrets())
    some = st.lists(st.sampled_from(WORDS), max_size=4)
    words = [*draw(some), *draw(spoken(secret)), *draw(some)]
    cuts = sorted(draw(st.sets(st.integers(1, max(1, len(words) - 1)), max_size=4)))
    utterances = [words[begin:stop] for begin, stop in zip([0, *cuts], [*cuts, len(words)], strict=True)]
    others: list[Secret] = ["card", "nik", "phone", "numbers", "email", "names"]
    wanted = {kind, *draw(st.lists(st.sampled_from(others), max_size=2))}
    return tuple(wanted), secret, [each for each in utterances if each]


def shown(passage: Passage, heard: Sequence[str]) -> list[str]:
    """Return what anybody may see of a passage: the text, and what was heard of each token that is not masked."""
    visible = [token for token in passage.tokens if not token.held]
    spoken = (token.text if token.masked else " ".join(heard[token.first : token.behind]) for token in visible)
    return [" ".join(token.text for token in visible if token.text), " ".join(spoken)]


@given(talks(), st.sampled_from(["id", "en", None]), st.booleans(), st.booleans(), st.booleans())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_four_digits_are_shown(
    talk: tuple[tuple[Secret, ...], str, list[list[str]]],
    language: str | None,
    numbers: bool,
    hidden: bool,
    raw: bool,
) -> None:
    """Neither in finals, one after the other, nor in any partial."""
    redact, secret, utterances = talk
    formatting = Formatting(numbers=numbers, fillers=not hidden, repairs=not hidden, redact=redact)
    finals: list[list[str]] = [[], []]
    for words in utterances:
        for count in range(1, len(words)):
            partial = format_passage(
                passage_of(words[:count], settled=count // 2, ended=False), formatting, language, raw=raw
            )
            for text in shown(partial, words):
                assert not leaked(text, [secret]), (text, redact)
        final = shown(format_passage(passage_of(words), formatting, language, raw=raw), words)
        for line, text in zip(finals, final, strict=True):
            line.append(text)
    for line in finals:
        assert not leaked(" ".join(line), [secret]), (line, redact)


@pytest.mark.parametrize(
    "text",
    [
        "itu 5294 ya",
        "5-2-9 eh 4",
        "52, 94",
        "lima dua sembilan empat",
        "lima two 9 four",
        "lima puluh dua sembilan puluh empat",
        "fifty two ninety four",
        "double five 294",
        "52949",
    ],
)
def test_the_search_is_not_blind(text: str) -> None:
    """However four digits are written, they are found; apart they are not four."""
    assert leaked(text, ["5294"]) == {"5294"}
    assert not leaked("itu 529 kata 4, kata fifty two dan kata 94", ["5294"])


@given(
    secrets().flatmap(lambda found: st.tuples(st.just(found), signed(found[1]))),
    st.lists(st.sampled_from(WORDS), max_size=3),
    st.lists(st.sampled_from(WORDS), max_size=3),
    st.sampled_from(["id", "en", None]),
    st.booleans(),
)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_four_digits_are_shown_with_signs(
    secret: tuple[tuple[Secret, str], list[str]], before: list[str], behind: list[str], language: str, numbers: bool
) -> None:
    """A currency or a unit inside a secret that is said in one go does not make it an amount."""
    (kind, digits), said = secret
    words = [*before, *said, *behind]
    formatting = Formatting(numbers=numbers, redact=(kind,))
    for count in range(1, len(words) + 1):
        passage = passage_of(words[:count], settled=count // 2, ended=count == len(words))
        for text in shown(format_passage(passage, formatting, language), words):
            assert not leaked(text, [digits]), text


@given(talks(), st.lists(st.sampled_from(WORDS), max_size=3), st.sampled_from(["id", "en"]), st.booleans(), st.data())
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_settled_stays(
    talk: tuple[tuple[Secret, ...], str, list[list[str]]],
    more: list[str],
    language: str,
    numbers: bool,
    data: st.DataObject,
) -> None:
    """What was shown as stable of a secret, its mask, begins whatever is shown later; nothing held is stable."""
    redact, _, (words, *_) = talk
    formatting = Formatting(numbers=numbers, redact=redact)
    count = data.draw(st.integers(1, len(words)))
    settled = data.draw(st.integers(0, count))
    early = format_passage(passage_of(words[:count], settled=settled, ended=False), formatting, language)
    late = format_passage(passage_of([*words[:settled], *more]), formatting, language)
    whole = format_passage(passage_of(words), formatting, language)
    stable = early.tokens[: early.settled]
    assert not any(token.held for token in stable)
    assert late.tokens[: early.settled] == stable
    assert whole.tokens[: early.settled] == stable


MAILBOXES = ("budi titik santoso", "budi.santoso", "b u d i", "budi underscore dua tiga", "budi")
DOMAINS = ("gmail titik com", "example dot co dot id", "gmail.com", "kantor strip pusat titik go titik id")


@given(
    st.lists(st.sampled_from(WORDS), max_size=3),
    st.tuples(st.sampled_from(MAILBOXES), st.sampled_from(["at", "et", "a keong"]), st.sampled_from(DOMAINS)),
    st.lists(st.sampled_from(WORDS), max_size=3),
    st.booleans(),
)
@settings(deadline=None)
def test_no_address_is_shown(
    before: list[str], spoken_address: tuple[str, str, str], behind: list[str], numbers: bool
) -> None:
    """Neither in the end nor while it grows, the last word half heard."""
    mailbox, at, domain = spoken_address
    assume(mailbox != "b u d i" or at != "a keong")  # "b u d i a" is spelled too: nobody can tell
    words = [*before, *f"{mailbox} {at} {domain}".split(), *behind]
    formatting = Formatting(numbers=numbers, redact=("email",))
    address = set(f"{mailbox} {domain}".split()) - set(WORDS) - {"titik", "dot", "strip", "underscore", "dua", "tiga"}
    for count in range(1, len(words) + 1):
        for last in (words[count - 1], words[count - 1][: -(-len(words[count - 1]) // 2)]):
            heard = [*words[: count - 1], last]
            passage = format_passage(passage_of(heard, ended=heard == words), formatting, "id")
            seen = " ".join(shown(passage, heard)).split()
            assert address.isdisjoint(seen), seen


@given(
    st.lists(st.sampled_from(WORDS), max_size=3),
    st.tuples(
        st.sampled_from(["budi titik santoso", "budi.santoso", "budi_santoso", "budi underscore santoso", "budi"]),
        st.sampled_from(["at", "et", "a keong", "@"]),
        st.sampled_from(
            ["gmail titik com", "example dot co dot id", "gmail.com", "kantor strip pusat titik go titik id"]
        ),
    ),
    st.lists(st.sampled_from(["hello", "itu", "ya", "kita"]), max_size=2),
    st.booleans(),
    st.data(),
)
@settings(deadline=None)
def test_no_address_is_shown_that_is_cut(
    before: list[str], spoken_address: tuple[str, str, str], behind: list[str], numbers: bool, data: st.DataObject
) -> None:
    """Read with pauses, no more than one word of it, and no two that are joined, are shown."""
    address = " ".join(spoken_address).split()
    words = [*before, *address, *behind]
    first = len(before)
    cuts = sorted(data.draw(st.sets(st.integers(first + 1, first + len(address)), min_size=1, max_size=2)))
    formatting = Formatting(numbers=numbers, redact=("email",))
    seen: list[str] = []
    for begin, stop in zip([0, *cuts], [*cuts, len(words)], strict=True):
        seen += shown(format_passage(passage_of(words[begin:stop]), formatting, "id"), words[begin:stop])[0].split()
    told = {word.strip(".,?") for word in seen} & {
        "budi",
        "santoso",
        "budi.santoso",
        "budi_santoso",
        "gmail",
        "gmail.com",
    }
    assert len(told) <= 1, seen
    assert not any(mark in word for word in told for mark in "._@"), seen
