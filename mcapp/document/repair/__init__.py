"""From any text to data: what a broken document was meant to be, and what is wrong with it."""
