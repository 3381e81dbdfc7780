"""One port for HTTP and websockets."""
