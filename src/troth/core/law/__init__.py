"""The law as data: each value with its source, how far it was read, and when it holds. Not legal advice."""
