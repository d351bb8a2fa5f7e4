"""Tiny apps of imaginary hosts: what a host may bring that we must live with."""
