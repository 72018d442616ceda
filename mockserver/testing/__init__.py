"""Objects for tests: the harness behind ``logto_mock``, the worlds it works on, and verdicts of the judge."""
