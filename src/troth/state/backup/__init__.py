"""Troth's own state in one encrypted file, and back: ledger, records, the site's database, packages. Never a key."""
