"""What the page says of one model's words, live and offline."""

from __future__ import annotations

from typing import Any

from chapters.tables import table


def body(figures: dict[str, Any]) -> str:
    """Return the words and tables."""
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
