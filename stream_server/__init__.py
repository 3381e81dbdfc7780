"""Self-hosted, real-time speech-to-text server for meetings."""

__version__ = "0.1.0"
