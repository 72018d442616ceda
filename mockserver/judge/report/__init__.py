"""Reports: one verdict in several forms, none of which tells a secret."""
