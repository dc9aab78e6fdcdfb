"""What Go sees, unjudged: the shapes that other programs read."""
