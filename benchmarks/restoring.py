"""How well marks and capitals come back, and how well those of recognition are kept.

    python benchmarks/restoring.py [--models tiny.en base]

The meetings of `tests/text/meetings` lose their marks and capitals, keep the silences between their words, and are
formatted turn by turn, as the words of an engine that writes none. Then models hear the sample meeting, and what they
write is formatted as that of an engine that punctuates. Numbers stay words, so that words can be compared one by one;
what a model heard as another word counts against it before and behind the formatter alike. Writes
results/restoring.json.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from chapters import restoring as chapter
from record import keep

from stream_server.asr.models import resolve
from stream_server.asr.whisper import WhisperEngine
from tests.text.restoring import MEETINGS, Score, heard_meeting, meeting, passed, restored, score, spoken_by_one


def restoration(name: str, language: str) -> dict[str, Any]:
    """Return how well a meeting is restored."""
    turns = meeting(name)
    due = [word for turn in turns for word in turn.words]
    return figures(name, score(due, [word for turn in turns for word in restored(turn, language)]))


def restoration_of_one(name: str) -> dict[str, Any]:
    """Return how well the sample meeting is restored if nobody tells who speaks."""
    turn = spoken_by_one(meeting(name))
    return figures(f"{name}, one voice", score(turn.words, restored(turn, "en")))


def passage_of_model(model: str, directory: Path) -> list[dict[str, Any]]:
    """Return how right a model's marks and capitals are before the formatter, and behind it."""
    engine = WhisperEngine(resolve(model, directory, allow_download=True).path, name=model)
    turns = heard_meeting(engine)
    engine.close()
    due = [word for turn in meeting("en_heard") for word in turn.words]
    before = score(due, [word for turn in turns for word in turn])
    behind = score(due, [word for turn in turns for word in passed(turn, "en")])
    return [figures(f"{model}, as it came", before), figures(f"{model}, formatted", behind)]


def figures(name: str, found: Score) -> dict[str, Any]:
    """Return a score with its shares."""
    shares = {each: getattr(found, each) for each in ("marks_f1", "capitals_accuracy", "capitals_f1")}
    return {"name": name, **asdict(found), **shares}


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="*", default=["tiny.en", "base"])
    parser.add_argument("--data-dir", type=Path, default=Path(tempfile.gettempdir()) / "stream-server-benchmarks")
    options = parser.parse_args()
    found = {
        "restored": [
            *(restoration(name, language) for name, language in MEETINGS.items()),
            *(restoration_of_one(name) for name in ("en_spoken", "en_heard")),
        ],
        "passed": [row for model in options.models for row in passage_of_model(model, options.data_dir)],
    }
    keep("restoring", found)
    print(chapter.body(found))


if __name__ == "__main__":
    main()
