"""A key is pasted once: the page keeps a token, and only until its tab is closed."""

from __future__ import annotations

from tests.browser.accessibility import problems
from tests.browser.conftest import Visit
from tests.browser.servers import data_directory
from tests.browser.test_readme import make_key
from tests.browser.test_waiting import sign_in
from tests.child_server import ChildServer

KEPT = "() => [{ ...sessionStorage }, { ...localStorage }, document.cookie].map((place) => JSON.stringify(place))"


async def test_a_key_becomes_a_token_of_the_tab(visit: Visit) -> None:
    """A wrong key is refused; a right one leaves a token in `sessionStorage` and nothing else; signing out, nothing."""
    async with data_directory() as directory:
        key = await make_key(directory)
        server = await ChildServer.start(directory, "--diarization", "false")
        visitor = await visit(server.url)
        page = visitor.page
        await page.locator("#key-dialog[open]").wait_for()
        visitor.forgive("401")  # before there was a key
        for scheme in ("light", "dark"):
            await page.evaluate("scheme => { document.documentElement.dataset.theme = scheme; }", scheme)
            assert await problems(page) == [], scheme
        await page.locator("#key-input").fill("not-a-key")
        await page.locator("#key-submit").click()
        await page.locator("#key-error:not([hidden])").wait_for()
        await sign_in(page, key)
        session, local, cookies = await page.evaluate(KEPT)
        assert "st_" in session
        assert "st_" not in local + cookies
        assert all(key not in place for place in (session, local, cookies, await page.content()))
        assert await page.locator("#key-input").input_value() == ""
        await page.locator("#account-open").click()
        await page.locator("#sign-out").click()
        assert "st_" not in "".join(await page.evaluate(KEPT))
        visitor.forgive("401")  # with a wrong one, and after signing out
        await server.kill()
