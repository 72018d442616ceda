"""Requests and replies as values, and what HTTP says of them."""
