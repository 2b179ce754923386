"""The whole system on one machine: the embedded broker and the services, started, watched and stopped in order.

Knows processes, ports and folders. Never knows a rule, an event or what a record says.
"""
