"""What fits the messenger to other packages. Nothing here is imported unless the host names it."""
