"""Months and days of the week in English, and the words around dates."""

MONTHS = {
    month.casefold(): month
    for month in (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    )
}  # fmt: skip
AMBIGUOUS_MONTHS = {"may", "march"}
"""Verbs as well: months only beside a day, or in a date."""

WEEKDAYS = {
    day.casefold(): day for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
}
BEFORE_YEARS = {"in", "since", "year", "of", "by", "until", "from", "before", "after", "during"}
