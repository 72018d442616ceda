"""Traffic: a day of believable logs, composed once, and the arithmetic that repeats it without end."""
