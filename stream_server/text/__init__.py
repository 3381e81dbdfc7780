"""Words to display text: a tuple of small pure stages."""
