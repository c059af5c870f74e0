"""The sections of a policy file, one module for each kind of thing they speak of."""
