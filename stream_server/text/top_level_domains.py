"""Ends of addresses that people say aloud: the usual top-level domains, and those of countries nearby or large.

Not all that exist (IANA lists 1,400): most of those are words, and behind a spoken dot a word may be one.
"""

_DOMAINS = """
    com org net edu gov mil int info biz io ai app dev co tech cloud online site store shop xyz id my sg ph th
    vn au nz jp kr cn hk tw in uk us ca eu de fr nl it es pt ch be se no dk fi pl ie ru br za tv me
"""
TOP_LEVEL_DOMAINS = frozenset(_DOMAINS.split())
