"""The native wire, and the contract every dialect fulfils."""
