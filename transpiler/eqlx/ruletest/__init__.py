"""Tests of rules: files of events with what a rule must find in them, read, run and written."""
