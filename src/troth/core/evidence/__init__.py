"""Evidence that a stranger can verify offline: Merkle log, signed checkpoints, salted commitments."""
