"""What this project is measured beside: the least that does a similar thing, on the same broker."""
