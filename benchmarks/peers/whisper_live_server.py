"""Start WhisperLive as its `run_server.py` does, which its wheel leaves out; runs in WhisperLive's own environment.

python whisper_live_server.py MODEL_DIRECTORY PORT MOST_SESSIONS [--batch]
"""

from __future__ import annotations

import argparse

from whisper_live.server import TranscriptionServer  # type: ignore[import-not-found]


def main() -> None:
    """Run from the command line; one model for all sessions, as its `-fw` option means."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("port", type=int)
    parser.add_argument("sessions", type=int)
    parser.add_argument("--batch", action="store_true", help="recognise many sessions' audio in one call")
    arguments = parser.parse_args()
    TranscriptionServer().run(
        "127.0.0.1",
        port=arguments.port,
        backend="faster_whisper",
        faster_whisper_custom_model_path=arguments.model,
        single_model=True,
        max_clients=arguments.sessions,
        max_connection_time=3_600,
        batch_enabled=arguments.batch,
        batch_max_admissions_per_s=1_000.0,
    )


if __name__ == "__main__":
    main()
