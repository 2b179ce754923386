"""What a provider's own system imports or runs: the kit, the file exchange, a program to begin from.

Knows the messages of its own two topics. Never knows a ledger, another provider or the trust's rules.
"""
