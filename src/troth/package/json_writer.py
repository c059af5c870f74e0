"""data.json: one JSON document (RFC 8259), one row a line, written as the rows come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import BinaryIO

from troth.package.files import finish
from troth.package.values import Plain, dumps


class JsonWriter:
    """``{…head, "stores": {store: {collection: [rows]}}, …tail}``, in that order.

    Collections of one store must follow each other.
    """

    def __init__(self, file: BinaryIO, head: Mapping[str, Plain]) -> None:
        self._file = file
        self._store: str | None = None
        self._rows = -1
        self._put("{\n")
        for key, value in head.items():
            self._put(f"{dumps(key)}:{dumps(value)},\n")
        self._put('"stores":{')

    def collection(self, store: str, name: str) -> None:
        """Begin a collection."""
        self._end_collection()
        if store != self._store:
            self._put("" if self._store is None else "\n},")
            self._put(f"\n{dumps(store)}:{{")
            self._store = store
        else:
            self._put(",")
        self._put(f"\n{dumps(name)}:[")
        self._rows = 0

    def row(self, row: Mapping[str, Plain]) -> None:
        """One row of the collection begun last."""
        self._put(("\n" if not self._rows else ",\n") + dumps(dict(row)))
        self._rows += 1

    def end(self, tail: Mapping[str, Plain]) -> None:
        """Close everything and write what comes after the rows."""
        self._end_collection()
        self._put("}" if self._store is None else "\n}\n}")
        for key, value in tail.items():
            self._put(f",\n{dumps(key)}:{dumps(value)}")
        self._put("\n}\n")
        finish(self._file)

    def close(self) -> None:
        """Give the file back; harmless after ``end``."""
        self._file.close()

    def _end_collection(self) -> None:
        if self._rows >= 0:
            self._put("]" if not self._rows else "\n]")
        self._rows = -1

    def _put(self, text: str) -> None:
        self._file.write(text.encode("utf-8"))
