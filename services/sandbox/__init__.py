"""A trust to play with: the real allocator's rules and replies door, and a script that tries a provider's own program.

Knows the whole handover side and the provider's kit. Never touches a real system's log, vault or
keys: it makes its own.
"""
