"""Rule files in, rules out: detection-rules TOML, Kibana's exports, EQL texts, standard input."""
