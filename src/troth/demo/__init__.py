"""The two example publishers: their invented data, and the guided tour of ``troth demo``."""
