"""The host of the benchmarks: a bare Django project with floors beside the messenger."""
