"""Deepgram's speech API, `/v1/listen`: live over a websocket, and of recordings."""
