"""Benchmarks: started by hand, not by the suite. Each prints a table for `docs/` and writes its figures as JSON."""
