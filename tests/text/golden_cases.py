"""The golden sets: what recognition wrote, and what people are to read.

They were written from `docs/formatting.md`, before the rules were.

A case is *seen* or *unseen* by a hash of its input; nobody looks at the unseen ones while writing rules.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from stream_server.text.formatting import Formatting
from stream_server.text.tokens import passage_of
from stream_server.text.transcripts import SaidWord, paragraphs
from tests.text.once import format_passage

FOLDER = Path(__file__).with_name("golden")
LANGUAGES = ("id", "en")
PARTS = ("seen", "unseen")
USUAL_PAUSE, WORD_SECONDS = 0.05, 0.3
RATE = 1000

_FORMATTING = TypeAdapter(Formatting)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case; `input` has pauses as `<0.8>` and speakers as `[A]` among its words."""

    language: str
    kind: str
    input: str
    output: str
    source: str
    raw: bool = False
    said: str | None = None
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def part(self) -> str:
        """Return to which part the case belongs."""
        digest = hashlib.sha256(f"{self.language}:{self.input}".encode()).hexdigest()
        return "seen" if digest[0] in "01234567" else "unseen"

    @property
    def words(self) -> list[tuple[str, float, str]]:
        """Return each word, the silence in front of it in seconds, and who says it."""
        found, pause, speaker = [], USUAL_PAUSE, ""
        for item in self.input.split():
            if item[0] == "<" and item[-1] == ">" and item[1:-1].replace(".", "", 1).isdigit():
                pause = float(item[1:-1])
            elif len(item) == 3 and item[0] == "[" and item[2] == "]":
                speaker = item[1]
            else:
                found.append((item, pause, speaker))
                pause = USUAL_PAUSE
        return found

    def formatted(self) -> str:
        """Return what the formatter makes of it, a paragraph a line."""
        formatting = _FORMATTING.validate_python(self.options)
        utterances = []
        clock = 0.0
        for speaker, run in groupby(self.words, key=lambda word: word[2]):
            words = list(run)
            heard = passage_of([word for word, _, _ in words], [pause for _, pause, _ in words])
            tokens = format_passage(heard, formatting, self.language, raw=self.raw).tokens
            utterance = []
            for token in tokens:
                clock += token.pause or 0.0
                start, clock = clock, clock + WORD_SECONDS
                utterance.append(SaidWord(token.text, round(start * RATE), round(clock * RATE), speaker))
            utterances.append(utterance)
        return "\n".join(passage.text for passage in paragraphs(utterances, RATE))


def load(language: str, part: str) -> list[Case]:
    """Return a part of a language's set."""
    lines = (FOLDER / f"{language}_{part}.jsonl").read_text().splitlines()
    return [read(json.loads(line), language) for line in lines]


def read(values: dict[str, Any], language: str) -> Case:
    """Return the case that a line describes."""
    return Case(
        language=language,
        kind=values["class"],
        input=values["input"],
        output=values["output"],
        source=values["source"],
        raw=values.get("raw", False),
        said=values.get("said"),
        options=values.get("options", {}),
    )
