"""Examinations: families of probes, each with what its answers are inventory against; ``plan.py`` orders them."""
