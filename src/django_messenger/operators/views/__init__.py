"""The calls of the operator API: thin views over selectors and services."""
