"""The documents tell the truth: their links resolve, their commands exist, their changes are dated."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

from stream_server import __version__

ROOT = Path(__file__).resolve().parents[1]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"\]\(([^)\s]+)\)")


def page_id(page: Path) -> str:
    """Return a page's name for the test report."""
    return str(page.relative_to(ROOT))


def code_blocks(page: str, language: str) -> list[str]:
    """Return the code blocks of a page in a language."""
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_links_to_files_resolve(page: Path) -> None:
    """Nobody is sent to a page that is not there."""
    targets = [target.partition("#")[0] for target in LINK.findall(page.read_text(encoding="utf-8"))]
    missing = [each for each in targets if each and "://" not in each and not (page.parent / each).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_make_commands_exist(page: Path) -> None:
    """Every `make` command that a page names is in the Makefile."""
    named = set(re.findall(r"(?:^|`)make ([a-z]+)", page.read_text(encoding="utf-8"), re.MULTILINE))
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert named <= targets


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_the_programs_commands_exist(page: Path) -> None:
    """Every `stream-server` command that a page shows is one of the program's."""
    from stream_server.cli import cli

    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"(?:^|`|\| |/)stream-server ([a-z]+)\b", text, re.MULTILINE))
    assert named <= set(cli.commands)


def test_the_readme_leads_to_every_document() -> None:
    """What is not linked is not read; other pages may lead on."""
    linked = {target for page in PAGES for target in LINK.findall(page.read_text(encoding="utf-8"))}
    names = {Path(target.partition("#")[0]).name for target in linked}
    assert {page.name for page in PAGES} - {"README.md"} <= names


@pytest.mark.parametrize("block", code_blocks("README.md", "python"))
def test_python_examples_compile(block: str) -> None:
    """An example that is copied runs."""
    ast.parse(block)


def test_captions_on_a_page_take_ten_lines() -> None:
    """As is promised; tests/browser/test_readme.py has a browser show them."""
    [lines] = code_blocks("README.md", "html")
    assert len(lines.splitlines()) <= 10


def test_the_changelog_mentions_the_version() -> None:
    """The version that is being shipped has its entry, with a date."""
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## \[{re.escape(__version__)}\] - \d{{4}}-\d\d-\d\d$", changes, re.MULTILINE)


def test_every_make_command_is_explained() -> None:
    """`make help` lists every command."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = set(re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[0].split())
    explained = set(re.findall(r"^([a-z]+):.*##", makefile, re.MULTILINE))
    assert phony == explained


def test_no_page_or_lock_names_a_machine_of_ours() -> None:
    """A clone works anywhere: no path of the place where it was written, no host of a registry."""
    files = [*PAGES, *ROOT.glob("requirements*"), ROOT / "Makefile", ROOT / "pyproject.toml"]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    assert not re.search(r"/work/|/tmp/|pypi\.org|pythonhosted", text)
    assert tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["name"] == "stream-server"
