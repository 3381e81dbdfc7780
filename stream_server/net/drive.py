"""Where a file that somebody shares on Google Drive can be downloaded; share links lead to pages."""

from __future__ import annotations

import re

from yarl import URL

HOST = "drive.google.com"

DOWNLOAD_HOST = "drive.usercontent.google.com"

_PAGE_HOSTS = (HOST, "docs.google.com")
_ID = r"[\w-]{10,100}"
_PATH = re.compile(rf"/file/(?:u/\d+/)?d/({_ID})(?:/.*)?")


def drive_scheme(url: str) -> str:
    """Return `googledrive://ID`, which is no URL that may be taken apart (hosts know no capitals), as a share link."""
    scheme, separator, found = url.partition("://")
    if separator and scheme.lower() == "googledrive":
        return f"https://{HOST}/file/d/{found}/view"
    return url


def direct_download(url: URL) -> URL:
    """Return the address of the file that a share link means; any other URL as it is."""
    if (found := _file_id(url)) is None:
        return url
    query = {"id": found, "export": "download", "confirm": "t"}  # confirmed: too large to be searched for viruses
    if key := url.query.get("resourcekey"):
        query["resourcekey"] = key
    return URL.build(scheme="https", host=DOWNLOAD_HOST, path="/download", query=query)


def _file_id(url: URL) -> str | None:
    if url.host not in _PAGE_HOSTS or url.scheme not in ("http", "https"):
        return None
    if match := _PATH.fullmatch(url.path):
        return match[1]
    named = url.query.get("id", "")
    return named if url.path in ("/open", "/uc") and re.fullmatch(_ID, named) else None
