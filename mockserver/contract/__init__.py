"""What the documented page says, and what was seen beside it."""
