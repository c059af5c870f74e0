"""The worlds of the integration tests, to be killed in."""

from integration.conftest import file_world, world

__all__ = ["file_world", "world"]
