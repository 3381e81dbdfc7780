"""Finished recordings: sessions fed from a file, at once or as jobs that any process of the installation takes."""
