"""Keys, organisations and usage: the contract and its implementations."""
