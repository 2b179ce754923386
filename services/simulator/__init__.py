"""A synthetic county: people who do not exist, the teams that support them, and what both tell, day by day.

Everything follows from a seed; nothing here reads a clock, a log or a setting. NHS numbers are of the range 999 only.
"""
