"""What the formatter makes of the golden sets."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from tests.text.golden_cases import FOLDER, LANGUAGES, PARTS, Case, load

LEAST_EXACT = 0.98
LEAST_CASES, LEAST_OF_A_CLASS = 300, 10
LEAST_RECOGNISED = 1 / 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sets_are_what_they_claim(language: str) -> None:
    """Enough cases, of every class, a third of them what recognition wrote; each in the part its hash says."""
    cases = [case for part in PARTS for case in load(language, part)]
    assert len(cases) >= LEAST_CASES
    assert len({case.input for case in cases}) == len(cases)
    assert min(Counter(case.kind for case in cases).values()) >= LEAST_OF_A_CLASS
    assert sum(case.source == "base" for case in cases) >= LEAST_RECOGNISED * len(cases)
    assert all(case.part == part for part in PARTS for case in load(language, part))


@pytest.mark.parametrize("language", LANGUAGES)
def test_seen_cases(language: str) -> None:
    """Nearly all of what was looked at comes out exactly; what does not is told."""
    cases = load(language, "seen")
    wrong = [case for case in cases if case.formatted() != case.output]
    told = "\n".join(json.dumps([each.kind, each.input, each.output, each.formatted()]) for each in wrong)
    assert exact(cases, wrong) >= LEAST_EXACT, told


@pytest.mark.parametrize("language", LANGUAGES)
def test_unseen_cases(language: str) -> None:
    """Nearly all of what was not looked at comes out exactly; of what does not only the class is told."""
    cases = load(language, "unseen")
    wrong = [case for case in cases if case.formatted() != case.output]
    kinds, all_kinds = Counter(case.kind for case in wrong), Counter(case.kind for case in cases)
    told = ", ".join(f"{kind} {count}/{all_kinds[kind]}" for kind, count in kinds.most_common())
    if exact(cases, wrong) < LEAST_EXACT:
        pytest.fail(f"{len(wrong)} of {len(cases)} wrong: {told}", pytrace=False)


def exact(cases: list[Case], wrong: list[Case]) -> float:
    """Return which part of the cases came out exactly."""
    return 1 - len(wrong) / len(cases)


def test_only_the_sets_lie_there() -> None:
    """A set that nothing reads would count for nothing."""
    assert {path.name for path in FOLDER.iterdir()} == {f"{each}_{part}.jsonl" for each in LANGUAGES for part in PARTS}
