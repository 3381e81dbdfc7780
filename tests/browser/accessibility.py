"""What axe-core, which looks at pages as people see who cannot see them, finds wrong."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page

from tests.sdks.environments import node_client

WEIGHTY = ("serious", "critical")


async def problems(page: Page) -> list[str]:
    """Return the serious and critical problems of a page as it stands; skips the test where axe-core is not to be had.

    The script comes in through the debugger: the page's own policy lets no foreign one in.
    """
    if not await page.evaluate("'axe' in window"):
        await page.evaluate((node_client("axe-core-4") / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8"))
    found: dict[str, Any] = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{problem['id']}: {problem['help']}: {node['html']} {node.get('failureSummary', '')}"
        for problem in found["violations"]
        if problem["impact"] in WEIGHTY
        for node in problem["nodes"]
    ]
