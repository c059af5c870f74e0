"""The desk: what people ask for becomes a file, goes its way through the journal, and is answered.

A file holds references and acts in clear; who asks, and what they wrote, is sealed by the vault. The ledger is told
of each act, never of a person.
"""
