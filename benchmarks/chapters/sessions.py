"""What the page says of many sessions without recognition."""

from __future__ import annotations

from typing import Any

from chapters.tables import table


def body(figures: dict[str, Any]) -> str:
    """Return the words and tables."""
    threads = ", ".join(f"{name} {share} %" for name, share in figures["busy_percent_by_thread"].items())
    functions = ", ".join(
        f"`{name}` {share} %" for name, share in list(figures["main_thread_percent_by_function"].items())[:8]
    )
    return "\n".join(
        [
            "Scripted engine, real speech detection, real speech in 20 ms frames; the load has a process of its own.\n",
            table(
                (
                    "sessions",
                    "seconds",
                    "finals",
                    "lost or other",
                    "out of order",
                    "server CPU % per session",
                    "final lag ms p50 / p95 / max",
                ),
                [
                    (
                        figures["sessions"],
                        figures["seconds"],
                        figures["finals"],
                        figures["finals_expected"] - figures["finals"] + figures["sessions_with_other_finals"],
                        figures["sessions_out_of_sequence"],
                        f"{figures['server_cpu_percent_per_session']:.2f}",
                        "{} / {} / {}".format(*figures["final_lag_ms_p50_p95_max"]),
                    )
                ],
            ),
            f"Where the server's time goes: {threads}. Of the main thread's: {functions}.\n",
        ]
    )
