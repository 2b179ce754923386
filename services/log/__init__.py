"""How words are kept: codec, engine, the port it runs on, and that port in memory and on Kafka.

Knows records, partitions and transactions. Never knows a rule of the county or what a person register holds.
"""
