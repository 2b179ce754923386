"""Who is meant, and the keys to what is said of them.

Person keys, month keys, the register of NHS numbers, and the log of openings: a small database apart from everything
else, and key files apart from that database. Knows keys, numbers and opaque person ids; never what an event says, nor
any log or topic beyond the place of an input.
"""
