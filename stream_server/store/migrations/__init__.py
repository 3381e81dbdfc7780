"""How the tables came to be, one step per file in `versions/`; Alembic runs them in the order that they name.

A step is never changed once it was released. It says the tables in its own words and not by `metadata`, which moves on.
"""
