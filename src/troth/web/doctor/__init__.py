"""What is set up, looked at by small probes; each says what it found in plain words, and what to do."""
