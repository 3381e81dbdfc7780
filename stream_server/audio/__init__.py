"""Audio: formats, resampling, the sample-indexed timeline, the speech gate, containers."""
