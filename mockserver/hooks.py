"""Checks for plain Schemathesis: ``SCHEMATHESIS_HOOKS=mockserver.hooks st run openapi.yaml --url ...``."""

from mockserver.testing.hooks import register

register()
