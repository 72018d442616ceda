"""Faults: what goes wrong (one file a kind, ``kinds`` lists them), and when (``rule``, ``plan``)."""
