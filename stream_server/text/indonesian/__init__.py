"""How numbers are written in Indonesian."""

from stream_server.text.indonesian.clock import clock
from stream_server.text.indonesian.dates import month, year
from stream_server.text.indonesian.labels import neighbourhood
from stream_server.text.indonesian.money import half_a_scale, sign_first
from stream_server.text.indonesian.ordinals import ordinal
from stream_server.text.indonesian.quantities import quantity
from stream_server.text.rewriting import Rule

RULES: tuple[Rule, ...] = (clock, ordinal, year, month, sign_first, half_a_scale, neighbourhood, quantity)
"""In order: words that begin something first; a number by itself last."""
