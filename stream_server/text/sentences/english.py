"""English sentences. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import dropwhile

from stream_server.text.sentences.phrasing import NOTICED_PAUSE, Peek, Phrasing, words
from stream_server.text.tokens import Token

_AUXILIARIES = words("""
    am is are was were do does did have has had can could will would shall should may might must
    isn't aren't wasn't weren't don't doesn't didn't haven't hasn't hadn't can't couldn't won't wouldn't shouldn't
    mustn't
""")
_NOT_BEFORE_NOUNS = words("do have may don't might must")
"""What with a noun behind it is rather an order, a month or a wish: "do the dishes"."""
_PRONOUNS = words("i you we they he she it there anyone anybody everyone everybody someone somebody")
_OBJECTS = words("me us him them")
_NOUN_MARKERS = words("the a an this that these those my your our their his her its any all some")
_QUESTION_WORDS = words("who what when where why how which whose")
_CONTRACTED = words("who's what's when's where's why's how's")
_RELATIVE = words("who which whose who's")
"""In mid-sentence these go on with it: "the site, which should go live"."""
_OF_THINGS = words("what which whose how")
"""Behind these a thing may stand in front of the auxiliary: "how much revenue did"."""
_THING_WORDS = 2
_ASKING_PAIRS = {("how", "about"), ("what", "about"), ("why", "not"), ("how", "come")}
_OPENINGS = words("and but so or well okay ok yes yeah no oh then now alright um uh")
_INVERTING = words("so nor neither")
"""In front of an auxiliary and its subject these state: "so do I"."""
_TAKES_QUESTION = words("""
    know knows knew see sees saw understand wonder ask asked tell told say said explain show shows remember forget
    decide discuss discussed check matter sure so nor neither but just exactly not
""")
_NOT_A_TAG = words("that's is are was be you're they're all turn the quite it them do get go not on just human")
"""In front of "right", said in one breath, these make it no question."""


def _asks(sentence: Sequence[Token]) -> bool:
    keys = [token.key for token in sentence]
    if _is_question(keys) or _is_question(keys[_last_clause(sentence) :]):
        return True
    return len(keys) > 1 and _ends_in_tag(keys, sentence[-1].pause or 0.0)


def _last_clause(sentence: Sequence[Token]) -> int:
    """Return where the sentence goes on behind its last pause: behind a name, or "when it is done"."""
    for place in range(len(sentence) - 1, 0, -1):
        if (sentence[place].pause or 0.0) >= NOTICED_PAUSE:
            before, first, *rest = (token.key for token in sentence[place - 1 :])
            stated = before in _TAKES_QUESTION or first in _RELATIVE
            stated = stated or not _NOUN_MARKERS.isdisjoint(rest[:1])  # "what counts, is the page"
            return 0 if stated else place
    return 0


def _is_question(keys: Sequence[str]) -> bool:
    bare = list(dropwhile(_OPENINGS.__contains__, keys))
    before = keys[len(keys) - len(bare) - 1] if len(bare) < len(keys) else ""
    if len(bare) < 2:
        return False
    return _begins_with_question(bare) or (before not in _INVERTING and _inverts(bare[0], bare[1]))


def _begins_with_question(keys: Sequence[str]) -> bool:
    first, second = keys[:2]
    if first in _CONTRACTED or (first, second) in _ASKING_PAIRS:
        return True
    if first not in _QUESTION_WORDS:
        return False
    reach = 2 + (_THING_WORDS if first in _OF_THINGS else 0)
    for key in keys[1:reach]:
        if key in _AUXILIARIES:
            return True
        if key in _PRONOUNS or key in _OBJECTS or key in _NOUN_MARKERS:
            return False
    return False


def _inverts(first: str, second: str) -> bool:
    if first not in _AUXILIARIES:
        return False
    return second in _PRONOUNS - {"it"} or (first not in _NOT_BEFORE_NOUNS and second in _NOUN_MARKERS | {"it"})


def _ends_in_tag(keys: Sequence[str], pause: float) -> bool:
    before, last = keys[-2:]
    if last == "right":
        return pause >= NOTICED_PAUSE or before not in _NOT_A_TAG
    return before in _AUXILIARIES and before.endswith("n't") and last in _PRONOUNS


def _question_begins(peek: Peek) -> bool:
    first = peek(0)
    if first is None or first.key.endswith("n't"):
        return False
    if first.key in _AUXILIARIES:
        second, third = peek(1), peek(2)
        # With nothing more to come it is a tag: "you don't know, do you".
        goes_on = third is not None and (third.pause or 0.0) < NOTICED_PAUSE
        return second is not None and goes_on and second.key in _PRONOUNS and _inverts(first.key, second.key)
    if first.key not in (_QUESTION_WORDS | _CONTRACTED) - _RELATIVE:
        return False
    reach = 2 + (_THING_WORDS if first.key in _OF_THINGS else 0)
    keys = [token.key for ahead in range(reach) if (token := peek(ahead)) is not None]
    return len(keys) > 1 and _begins_with_question(keys)


PHRASING = Phrasing(
    leads_on=words("""
        the a an of and or to in on at for with from by into about than as if because that which who whose whether
        is are was were am be my your our their his her its i'm we're very every each per
    """),
    contrasts=words("but"),
    takes_contrast=words("nothing anything everything everyone all no none anybody nobody last help and"),
    openers={
        "well": words("done known over under aware before after"),
        "okay": words("with for"),
        "ok": words("with for"),
        "yes": words("or"),
        "no": words("one more problem matter longer doubt way need idea body wonder such other less fewer later or"),
    },
    begins=words("""
        thank thanks let's let please yes no okay well perfect great good fine sure hello hi sorry that that's this
        these those then i i'm i'll i've i'd we we're we'll we've they they're he she it it's there there's you you're
        how what why
    """),
    clausal=_AUXILIARIES | _PRONOUNS | words("let's that's it's i'm we're you're they're i'll we'll i've we've please"),
    subordinates=words("""
        if when while because since after before although though as once unless until whenever wherever whether that
        despite
    """),
    takes_question=_TAKES_QUESTION,
    asks=_asks,
    begins_question=_question_begins,
)
