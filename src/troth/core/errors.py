"""Every error Troth raises on purpose. The tree:

    TrothError
    ├── PolicyError        the policy file cannot be used (carries every problem found, with its place)
    ├── UsageError         the command was asked for something that makes no sense
    ├── StoreError         a publisher's store
    │   ├── StoreUnreachable    host down, wrong password, no such database
    │   ├── StoreRefused        reached, but it does not allow what was asked (rights, read-only, engine)
    │   ├── StoreBusy           lock timeout, deadlock, statement timeout: trying again may help
    │   ├── StoreChanged        rows or schema are no longer what the plan was made for
    │   └── StoreUnsettled      something was changed, or may have been, and the whole did not end well
    ├── PlanRefused        the plan says why it must not run
    └── EvidenceError      the ledger, its keys or a bundle
        ├── LedgerTampered
        ├── LedgerBusy
        └── KeyUnavailable a key is missing, destroyed or kept with loose permissions

A message never contains personal data: drivers' own messages are not repeated, only their SQLSTATE or
error number and the name of the constraint.
"""

from __future__ import annotations


class TrothError(Exception):
    """Base of all errors that are shown to the user as one line, without a stack trace.

    ``exit_code`` is what the command line ends with: 1 a problem was found or a step failed, 2 wrong use or
    unreadable input.
    """

    exit_code = 1

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class UsageError(TrothError):
    """The command was called in a way that cannot work."""

    exit_code = 2


class StoreError(TrothError):
    """Something about one of the publisher's stores."""

    def __init__(self, message: str, *, store: str = "", code: str = "", remedy: str = "") -> None:
        super().__init__(message, remedy=remedy)
        self.store = store
        self.code = code


class StoreUnreachable(StoreError):
    """The store does not answer or does not let us in."""


class StoreRefused(StoreError):
    """The store answered that it does not allow this."""


class StoreBusy(StoreError):
    """The store was locked or too slow; nothing was changed; trying again may help."""


class StoreChanged(StoreError):
    """Schema, keys or counts differ from what the plan was made for; nothing was changed."""


class StoreUnsettled(StoreError):
    """Something was changed, or may have been, although the whole did not end well: never say that nothing was."""


class PlanRefused(TrothError):
    """The plan itself says that it must not run."""


class EvidenceError(TrothError):
    """The ledger, its keys, or a bundle of evidence."""


class LedgerTampered(EvidenceError):
    """What is stored does not hash to the signed head."""


class LedgerBusy(EvidenceError):
    """Another process is writing to the ledger."""


class KeyUnavailable(EvidenceError):
    """A key is missing, was destroyed, or lies where others could read it."""
