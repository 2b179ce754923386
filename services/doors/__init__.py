"""The doors between the logs: each reads one log, translates, and emits to another.

Keeps no state but a position. Never decides: what comes through is judged by the ledger it is emitted to.
"""
