"""Exporters: records of a corpus to files. They know nothing of each other.

rights       how much text leaves, by an outlet's rights
files   I/O  a file is whole or not there
jsonl   I/O  one file of JSON lines a record type
tmx     I/O  translation memory: sentences with their translations
"""
