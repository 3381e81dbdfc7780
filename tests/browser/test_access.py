"""What axe-core and the page's own policy find wrong with every view."""

from __future__ import annotations

import pytest

from tests.browser.accessibility import problems
from tests.browser.conftest import Visit
from tests.child_server import ChildServer

VIEWS = ("live", "recordings", "speakers", "usage")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_view_shuts_anybody_out(visit: Visit, scripted: ChildServer, scheme: str) -> None:
    """No view has a serious problem for people who hear or feel a page, in light and in dark."""
    visitor = await visit(scripted.url, color_scheme=scheme)
    await visitor.page.locator("body[data-ready]").wait_for()
    for view in VIEWS:
        await visitor.page.locator(f"nav a[data-to={view}]").click()
        await visitor.page.locator(f"[data-view={view}]").wait_for()
        assert await problems(visitor.page) == [], view
