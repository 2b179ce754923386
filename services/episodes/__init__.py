"""The trust's side: what an STR episode is, who may say what of it when, and who is on whose caseload.

Imports nothing of `handover` or `provider`: services share words, never state.
"""
