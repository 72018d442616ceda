"""Hypothesis strategies for property tests of one's own code: ``logs()``, ``pages()`` and ``queries()``."""

from mockserver.logs.strategies import logs, pages, queries

__all__ = ["logs", "pages", "queries"]
