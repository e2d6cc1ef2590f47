"""What an App JSON is: its placeholders, kinds, shape, and the facts that rules and commands read off it."""
