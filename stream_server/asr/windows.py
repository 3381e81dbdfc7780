"""How a model sees its windows: seconds of silence behind the audio, encoded and cached, and a brake on loops.

All three only help the decoder to stop. Less of them costs less, and how much a model needs is measured, not derived:
`stream-server calibrate` compares word error rates and writes what it found as a profile. Profiles of the models that
come with the server lie beside this module; a model without one gets what every model can stop with.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from stream_server.errors import StartupError

FULL_SECONDS = 30
"""What Whisper was trained on, and the most it takes."""

SHORTEST_NGRAM = 2

SHIPPED = Path(__file__).parent / "profiles"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Seconds of silence that are encoded behind the audio, then of a tail of cached silence (30: as much as fits).

    `no_repeat_ngram`: no sequence of so many tokens comes twice; 0 allows all.
    """

    silence_seconds: float = 2.0
    tail_seconds: float = float(FULL_SECONDS)
    no_repeat_ngram: int = 0

    def __post_init__(self) -> None:
        """Raise `ValueError` for what no decoder can do."""
        seconds_fit = all(0 <= seconds <= FULL_SECONDS for seconds in (self.silence_seconds, self.tail_seconds))
        if not seconds_fit or not (self.no_repeat_ngram == 0 or self.no_repeat_ngram >= SHORTEST_NGRAM):
            raise ValueError("a window's silence and tail are 0 to 30 s, its n-grams none or at least two tokens")


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowProfile:
    """The windows of partials, which end in mid-speech, and of finals, which end in a pause."""

    partial: Window = Window()
    final: Window = Window()


def shipped_profile(model: str) -> Path:
    """Return where the server's own profile of a model would lie."""
    return SHIPPED / f"{model}.json"


def own_profile(directory: Path, model: str) -> Path:
    """Return where the operator's profile of a model would lie, under the data directory."""
    return directory / "profiles" / f"{model}.json"


def find_profile(model: str, directory: Path) -> WindowProfile:
    """Return the operator's profile of a model, or the shipped one, or what is safe for every model.

    Raises `StartupError` if the file says something else than a profile.
    """
    for path in (own_profile(directory, model), shipped_profile(model)):
        if path.exists():
            return read_profile(path)
    return WindowProfile()


def read_profile(path: Path) -> WindowProfile:
    """Read a profile; raises `StartupError`."""
    try:
        found = json.loads(path.read_text("utf-8"))
        return WindowProfile(partial=Window(**found["partial"]), final=Window(**found["final"]))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise StartupError(f"the window profile {path} cannot be used: {type(error).__name__}") from None


def write_profile(path: Path, profile: WindowProfile, evidence: object) -> None:
    """Write a profile with the figures it was chosen by."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(profile) | {"evidence": evidence}, indent=1) + "\n", "utf-8")
