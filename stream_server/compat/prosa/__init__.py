"""Prosa's speech API."""
