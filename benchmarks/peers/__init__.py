"""The parts of `benchmarks/peers.py`: each server's start and wire, the load, what is measured and how it is judged."""
