"""One session: rules without I/O, and the runner that carries it."""
