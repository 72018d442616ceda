"""Faults: what goes wrong (one class a kind, ``kinds`` lists them), and when (``rule``, ``plan``)."""
