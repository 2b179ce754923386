"""The commissioner's side: contracts, capacity, waves, offers, and all that leaves the trust.

Has the last word on capacity and offers. Never knows the course of an episode or what a provider runs.
"""
