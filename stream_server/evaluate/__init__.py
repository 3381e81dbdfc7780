"""How far a transcript is from the truth: errors of words, of characters and of who spoke."""
