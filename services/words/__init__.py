"""What is said: events, inputs and messages as frozen models, their envelope, topics and refusals.

Knows shapes and meanings. Never knows how a word is kept, who decides on it, a clock or a client library.
"""
