"""Benchmarks: what the messenger costs, measured against floors in the same run.

``./run bench [name ...] [--quick]`` runs them; ``benchmarks/README.md`` says what each one does.
"""
