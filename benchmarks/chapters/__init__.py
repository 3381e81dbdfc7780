"""What the page says of each benchmark: a module has `body`, the words and tables, and may have `plot`."""
