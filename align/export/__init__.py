"""Exporters: records of a corpus to files. They share nothing and know nothing of each other.

jsonl   I/O  one file of JSON lines a record type
"""
