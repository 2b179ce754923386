"""Avro schemas, one file per event type and version, and the registry id each has for ever. Data only, no code."""
