"""Run `stream-server` as `python -m stream_server`."""

from __future__ import annotations

import sys

from stream_server.cli import main

sys.exit(main())
