"""Write docs/benchmarks.md from the results: the page is never typed.

python benchmarks/report.py
"""

from __future__ import annotations

from typing import Any

from record import HERE, load

PAGE = HERE.parent / "docs" / "benchmarks.md"

HEAD = """# Benchmarks

What this server does, measured. Each table comes from `benchmarks/results/`, with the machine, the commit and the
command that repeats it; `python benchmarks/report.py` writes this page. Absolute times belong to the machine that gave
them: on shared machines they differ by a factor of three between days. The recordings are not part of the repository;
any folder with a `manifest.json` of the same form will do.
"""


def page() -> str:
    """Return the whole page."""
    sections = [HEAD, *(accuracy(name) for name in ("tiny.en", "base")), sessions(), detection()]
    return "\n".join(section for section in sections if section)


def origin(result: dict[str, Any]) -> str:
    """Say where figures come from."""
    return f"*`{result['command']}`; commit {result['commit']}; {result['machine']}.*\n"


def table(head: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    """Return a Markdown table; floats with one decimal."""

    def line(cells: tuple[Any, ...]) -> str:
        return "| " + " | ".join(f"{cell:.1f}" if isinstance(cell, float) else str(cell) for cell in cells) + " |"

    return "\n".join([line(head), "|" + "---|" * len(head), *(line(row) for row in rows)]) + "\n"


def accuracy(model: str) -> str:
    """Return the section on one model's words live and offline."""
    result = load(f"live_accuracy_{model}")
    if result is None:
        return ""
    figures = result["figures"]
    rows: list[tuple[Any, ...]] = [
        (f"live, {parallel} sessions at once", live["wer"], "{} / {}".format(*live["final_lag_ms_p50_p95"]))
        for parallel, live in figures["live"].items()
    ]
    rows += [
        ("offline, same decoding options", figures["offline_wer"], ""),
        ("offline, with faster-whisper's temperature fallback", figures["offline_with_fallback_wer"], ""),
    ]
    kinds = [
        (kind, *(rates[which] for which in ("live", "offline", "fallback")))
        for kind, rates in figures["wer_by_kind_under_the_last_load"].items()
    ]
    edges, live = figures["first_and_last_words"], figures["live"].values()
    differing = "; ".join(f"{clip}: “{said}” became “{heard}”" for clip, (said, heard) in edges["live_differs"].items())
    broken, partials = (sum(each[name] for each in live) for name in ("broken_prefixes", "partials"))
    texts = {clip: text for each in live for clip, text in each["text_without_speech"].items()}
    spoken = "; ".join(f"{clip}: “{text}”" for clip, text in texts.items()) or "none"
    return "\n".join(
        [
            f"## Words, live against offline: {model}\n",
            origin(result),
            f"{figures['clips']} transcribed clips at 1×: live finals against the same weights over whole files.\n",
            table(("", "word error rate %", "final after its last sample, ms, p50 / p95"), rows),
            "By kind of clip, under the last load:\n",
            table(("kind", "live %", "offline %", "offline with fallback %"), kinds),
            f"- partials whose stable words were no prefix of their final: {broken} of {partials}",
            f"- clips without speech that gave text, of {figures['clips_without_speech']}: {spoken}",
            f"- clips whose first and last words offline both has right: {edges['clips_offline_right']}",
            f"- of them, live has another word first or last in {len(edges['live_differs'])}: {differing or 'none'}\n",
        ]
    )


def sessions() -> str:
    """Return the section on many sessions without recognition."""
    result = load("many_sessions")
    if result is None:
        return ""
    figures = result["figures"]
    threads = ", ".join(f"{name} {share} %" for name, share in figures["busy_percent_by_thread"].items())
    functions = ", ".join(
        f"`{name}` {share} %" for name, share in list(figures["main_thread_percent_by_function"].items())[:8]
    )
    return "\n".join(
        [
            "## Many sessions\n",
            origin(result),
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


def detection() -> str:
    """Return the section on speech detection."""
    result = load("vad")
    if result is None:
        return ""
    rows = [
        (row["tracks"], row["ours_us"], row["onnxruntime_us"], f"{row['ratio']:.2f}")
        for row in result["figures"]["rows"]
    ]
    return "\n".join(
        [
            "## Speech detection\n",
            origin(result),
            "CPU microseconds per frame of 32 ms, by tracks in one call; the ratio is the median of pairs.\n",
            table(("tracks", "ours", "onnxruntime", "ratio"), rows),
        ]
    )


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
