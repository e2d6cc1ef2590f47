"""Write the block: from what the user asked for to App JSON, and into an existing document."""
