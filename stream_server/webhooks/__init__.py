"""Webhooks without I/O: who is told of what, how a request is signed, when it is tried again."""
