"""The value languages of EQL as data: wildcards, regular expressions, networks."""
