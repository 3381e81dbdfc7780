"""docs/settings.md and the settings are in step."""

from __future__ import annotations

from pathlib import Path

import pytest

from stream_server.settings import Settings

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "settings.md").read_text("utf-8")
LINES = {line.split("`")[1]: line for line in PAGE.splitlines() if line.startswith("| `")}


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_has_its_line(name: str) -> None:
    """The page tells each setting's default and its description, word for word."""
    field = Settings.model_fields[name]
    _, _, default, description, _ = (cell.strip() for cell in LINES[name].split("|"))
    assert description == field.description
    match field.default:
        case None:
            assert default == "–"
        case ():
            assert default == "none"
        case tuple(values):
            assert default == f"`{','.join(map(str, values))}`"
        case value:
            assert name == "data_directory" or default == f"`{value}`"


def test_the_page_names_no_setting_that_is_gone() -> None:
    """What the page promises exists."""
    assert set(LINES) == set(Settings.model_fields)
