"""How fast and how large: figures of one run on a real embedded Kafka, beside peers on the same broker in the same run.

`python -m benchmarks [names...] [--quick] [--profile]`. Figures of two machines, or of two hours on a shared one, say
little of each other: read the ratios. Measures only; nothing here is a test.
"""
