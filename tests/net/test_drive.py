"""Share links of Google Drive lead to the file."""

from __future__ import annotations

import pytest
from yarl import URL

from stream_server.net.drive import direct_download, drive_scheme

FILE = "1AbC-dEf_GhIjKlMnOp"


@pytest.mark.parametrize(
    "link",
    [
        f"https://drive.google.com/file/d/{FILE}/view?usp=sharing",
        f"https://drive.google.com/file/d/{FILE}",
        f"https://drive.google.com/file/u/1/d/{FILE}/edit",
        f"https://drive.google.com/open?id={FILE}",
        f"https://drive.google.com/uc?export=download&id={FILE}",
        f"https://docs.google.com/uc?id={FILE}",
        f"googledrive://{FILE}",
        f"GoogleDrive://{FILE}",
    ],
)
def test_share_links(link: str) -> None:
    """Every form that Google hands out, and Prosa's own, means the same download."""
    expected = f"https://drive.usercontent.google.com/download?id={FILE}&export=download&confirm=t"
    assert str(direct_download(URL(drive_scheme(link)))) == expected


def test_a_resource_key_goes_along() -> None:
    """Older files cannot be had without theirs."""
    link = URL(f"https://drive.google.com/file/d/{FILE}/view?resourcekey=0-abc")
    assert direct_download(link).query["resourcekey"] == "0-abc"


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/file/d/1AbCdEfGhIjKl/view",
        "https://drive.google.com/drive/folders/1AbCdEfGhIjKl",
        "https://drive.google.com/open?id=../../etc",
        "ftp://drive.google.com/open?id=1AbCdEfGhIjKl",
    ],
)
def test_other_urls_are_left_alone(url: str) -> None:
    """What is no file's link stays what it is."""
    assert direct_download(URL(url)) == URL(url)
