"""Exporters: records of a corpus to files. They share the rules of ``common`` and know nothing of each other.

common  I/O  a file is whole or not there; how much text leaves is decided by an outlet's rights
jsonl   I/O  one file of JSON lines a record type
tmx     I/O  translation memory: sentences with their translations
"""
