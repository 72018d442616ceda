"""A deployment's logs brought home under pseudonyms."""
