"""Writes what a person is handed over: data.json, one CSV a collection, a page to read, files; folder or zip.

Everything streams: a row is read, written to each of them, and forgotten.
"""
