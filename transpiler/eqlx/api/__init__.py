"""The functions of the Python API that need several parts of eqlx; `eqlx` itself hands them out."""
