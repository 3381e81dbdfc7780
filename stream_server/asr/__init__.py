"""Speech recognition: the engine contract, batching, the worker thread and the engines."""
