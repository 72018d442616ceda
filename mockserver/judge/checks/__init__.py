"""What the judge demands."""
