"""Render reports: JSON for programs, tables for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stream_server.evaluate.evaluation import Report
from stream_server.evaluate.scores import EditErrors, SpeakerConfusion, SpeakerErrors, SpeakerWordErrors
from stream_server.text.formatter import tidy

NOBODY = "(nobody)"

NAMES = {
    "wer": "word error rate",
    "cer": "character error rate",
    "der": "diarization error rate",
    "der_without_overlap": "… without overlap",
    "speaker_confusion": "who was taken for whom",
    "cpwer": "cpWER",
}


def as_json(report: Report) -> dict[str, Any]:
    """Return a report as JSON; docs/evaluation.md explains each field. Seconds to a millisecond, rates to 1e-6."""
    return {
        "language": report.language,
        "normalizer": report.normalizer,
        "unit": report.unit,
        "collar_seconds": report.collar_seconds,
        "wer": report.wer and _edits(report.wer),
        "cer": report.cer and _edits(report.cer),
        "der": report.der and _seconds(report.der),
        "der_without_overlap": report.der_without_overlap and _seconds(report.der_without_overlap),
        "speaker_confusion": report.speaker_confusion and _confusion(report.speaker_confusion),
        "cpwer": report.cpwer and _speakers(report.cpwer),
        "not_computed": dict(report.not_computed),
    }


def as_table(report: Report) -> str:
    """Return one pair's report for people."""
    rows = [
        *_edit_rows("wer", report.wer, f"{report.unit}s"),
        *_edit_rows("cer", report.cer, "characters"),
        *_second_rows("der", report.der),
        *_second_rows("der_without_overlap", report.der_without_overlap),
        *_edit_rows("cpwer", report.cpwer.errors if report.cpwer else None, f"{report.unit}s"),
    ]
    parts = [_align(rows)] if rows else []
    if report.der:
        parts.append(f"{report.collar_seconds:g} s to each side of every start and end are not scored\n")
    if report.cpwer:
        parts.append(f"cpWER takes {_pairs(report.cpwer)}\n")
    if report.speaker_confusion:
        parts.append(
            f"{NAMES['speaker_confusion']}, in seconds:\n{_align(_matrix(report.speaker_confusion), right=True)}"
        )
    if report.not_computed:
        parts.append(_reasons(report.not_computed))
    return "\n".join(parts)


def as_rows(reports: Mapping[str, Report], total: Report) -> str:
    """Return several pairs' reports for people: a row each, and the total."""
    names = ("wer", "cer", "der", "der_without_overlap", "cpwer")
    head = ["file", "WER", "CER", "DER", "DER without overlap", "cpWER"]
    rows = [
        [_tidy(file), *(_percent(_rate(getattr(report, name))) for name in names)]
        for file, report in (*reports.items(), ("total", total))
    ]
    return _align([head, *rows])


def _edits(errors: EditErrors) -> dict[str, Any]:
    return {
        "rate": _round(errors.rate, 6),
        "substitutions": errors.substitutions,
        "deletions": errors.deletions,
        "insertions": errors.insertions,
        "reference_length": errors.reference,
        "hypothesis_length": errors.hypothesis,
    }


def _seconds(errors: SpeakerErrors) -> dict[str, Any]:
    return {
        "rate": _round(errors.rate, 6),
        "missed_seconds": _round(errors.missed, 3),
        "false_alarm_seconds": _round(errors.false_alarm, 3),
        "confusion_seconds": _round(errors.confusion, 3),
        "reference_seconds": _round(errors.reference, 3),
    }


def _confusion(confusion: SpeakerConfusion) -> dict[str, Any]:
    def cell(spoke: str | None, heard: str | None) -> float | None:
        return _round(confusion.seconds.get((spoke, heard), 0.0), 3)

    return {
        "reference_speakers": list(confusion.reference),
        "hypothesis_speakers": list(confusion.hypothesis),
        "seconds": [[cell(spoke, heard) for heard in confusion.hypothesis] for spoke in confusion.reference],
        "missed_seconds": [cell(spoke, None) for spoke in confusion.reference],
        "false_alarm_seconds": [cell(None, heard) for heard in confusion.hypothesis],
        "mapping": [{"reference": spoke, "hypothesis": heard} for heard, spoke in confusion.mapping.items()],
    }


def _speakers(found: SpeakerWordErrors) -> dict[str, Any]:
    pairs = [{"reference": spoke, "hypothesis": heard} for spoke, heard in found.assignment]
    return {**_edits(found.errors), "assignment": pairs}


def _edit_rows(name: str, errors: EditErrors | None, unit: str) -> list[list[str]]:
    if errors is None:
        return []
    counts = f"{errors.substitutions} substituted, {errors.deletions} deleted, {errors.insertions} inserted"
    return [[NAMES[name], _percent(errors.rate), f"{counts}, of {errors.reference} {unit}"]]


def _second_rows(name: str, errors: SpeakerErrors | None) -> list[list[str]]:
    if errors is None:
        return []
    parts = f"{errors.missed:.2f} s missed, {errors.false_alarm:.2f} s made up, {errors.confusion:.2f} s confused"
    return [[NAMES[name], _percent(errors.rate), f"{parts}, of {errors.reference:.2f} s"]]


def _reasons(not_computed: Mapping[str, str]) -> str:
    """Return a line for each reason, with the scores that it keeps from being computed."""
    names: dict[str, list[str]] = {}
    for name, reason in not_computed.items():
        if name != "der_without_overlap":  # it lacks what `der` lacks
            names.setdefault(reason, []).append(NAMES[name])
    return "".join(f"not computed, for {reason}: {', '.join(each)}\n" for reason, each in names.items())


def _pairs(found: SpeakerWordErrors) -> str:
    """Return who is compared with whom."""
    return ", ".join(f"{_tidy(heard or NOBODY)} for {_tidy(spoke or NOBODY)}" for spoke, heard in found.assignment)


def _matrix(confusion: SpeakerConfusion) -> list[list[str]]:
    """Return the cells; the speaker that a column is mapped to stands in brackets."""
    columns: list[str | None] = [*confusion.hypothesis, None]
    head = ["", *(_column(heard, confusion.mapping) for heard in columns)]
    rows = [
        [_tidy(spoke or NOBODY), *(f"{confusion.seconds.get((spoke, heard), 0.0):.2f}" for heard in columns)]
        for spoke in (*confusion.reference, None)
    ]
    rows[-1][-1] = ""
    return [head, *rows]


def _column(heard: str | None, mapping: Mapping[str, str]) -> str:
    name = _tidy(heard or NOBODY)
    return f"{name} ({_tidy(mapping[heard])})" if heard is not None and heard in mapping else name


def _align(rows: Sequence[Sequence[str]], *, right: bool = False) -> str:
    """Align columns: the first to the left, the others to the right if so asked."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(
            cell.rjust(width) if right and column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _rate(score: Any) -> float | None:
    errors = score.errors if isinstance(score, SpeakerWordErrors) else score
    return None if errors is None else errors.rate


def _percent(rate: float | None) -> str:
    return "-" if rate is None else f"{100 * rate:.2f} %"


def _round(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


def _tidy(name: str) -> str:
    """Return a name that is safe to show: a terminal obeys control characters."""
    return next(iter(tidy([name])))
