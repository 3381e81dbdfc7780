"""What the page says of many recordings that two organisations hand in at once."""

from __future__ import annotations

from typing import Any

from chapters.tables import table


def body(figures: dict[str, Any]) -> str:
    """Return the words and tables."""
    count, rates = len(figures["order"]), figures["word_error_rates"]
    complete = figures["statuses"].count("complete")
    words = (
        f"{figures['model']}: {count} recordings of {figures['shortest_seconds']:.0f} s and more, "
        f"{figures['recorded_seconds']:.0f} s in sum, {figures['each']} of each of two organisations; the second hands "
        f"in its first when all of the other's are in. {complete} of {count} became complete. From the moment at which "
        f"all were in, no organisation had ended more than {figures['largest_lead']} recordings more than the other "
        "while both had some waiting: the first had two under way when the second came. Whose recordings ended, in "
        f"order: `{''.join('12'[name == 'second'] for name in figures['order'])}`.\n"
    )
    rows = [
        ("all handed in after, s", f"{figures['handing_in']:.1f}"),
        ("ended before that", figures["ended_before_all_were_in"]),
        ("all ended after, s", f"{figures['wall']:.0f}"),
        ("times real time", f"{figures['recorded_seconds'] / figures['wall']:.1f}"),
        ("words wrong in all, %", f"{100 * figures['word_error_rate']:.2f}"),
        ("words wrong in the worst, %", f"{100 * max(rates):.2f}"),
        *(
            (
                f"the {name} is billed, s, for recordings of",
                f"{used['billed_seconds']:.2f} / {used['recorded_seconds']:.2f}",
            )
            for name, used in figures["usage"].items()
        ),
    ]
    return f"{words}\n{table(('what', 'figure'), rows)}"
