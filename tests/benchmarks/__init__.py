"""Benchmarks: run by hand, never by the suite; each prints a table for README and writes its figures as JSON."""
