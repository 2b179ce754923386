"""The county: its teams, districts and areas, code lists, policy values, working days, dates and NHS numbers.

Knows what Kent looked like on which day. Never knows an event, a log, a clock or a person.
"""
