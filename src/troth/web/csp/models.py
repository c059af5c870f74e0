"""Sums by day, and nothing about whose browser it was."""

from __future__ import annotations

from django.db import models


class Stopped(models.Model):
    """How often browsers stopped something of a host on pages of a kind, on one day."""

    day = models.DateField()
    directive = models.CharField(max_length=32)
    blocked = models.CharField(max_length=255)
    """A host with its port if it had one, or a word of the specification: ``inline``, ``eval``, ``data`` …"""
    page = models.CharField(max_length=255)
    """The page's path, with ``*`` for each part that the policy does not name."""
    count = models.PositiveIntegerField(default=0)

    class Meta:
        """One row for each."""

        constraints = (
            models.UniqueConstraint(fields=["day", "directive", "blocked", "page"], name="csp_stopped_once"),
        )
