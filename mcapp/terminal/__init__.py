"""What people see: streams and colour, masking, the width of text, diffs, progress and prompts."""
