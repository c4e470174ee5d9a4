"""What in the bench is arithmetic and parsing."""
