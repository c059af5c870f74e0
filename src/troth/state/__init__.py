"""Troth's own state: the ledger, the keys, and the encrypted records the engine works with.

``open_state(directory)`` is the way in.
"""

from troth.state.state import Place, Recorded, State, init_state, memory_state, open_state

__all__ = ["Place", "Recorded", "State", "init_state", "memory_state", "open_state"]
