"""A mock, a breaker and a judge of one API operation: Logto's audit logs, ``GET /api/logs``."""

__version__ = "0.1.0"
