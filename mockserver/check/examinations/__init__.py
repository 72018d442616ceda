"""Examinations: families of probes, each with what its answers are held against; ``plan.py`` orders them."""
