"""Other vendors' wires, one home each."""
