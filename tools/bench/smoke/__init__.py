"""The bench itself, in small."""
