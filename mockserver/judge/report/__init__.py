"""Reports: one verdict told in several ways, each without what must not be told."""
