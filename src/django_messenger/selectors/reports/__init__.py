"""Figures about conversations and the people who answer them.

``period`` says of which days, ``figures`` what they are, ``report`` reads them. What each figure
means is written down exactly in ``docs/reference/reports.md``.
"""
