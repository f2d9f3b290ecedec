"""Lines, codecs and lost packets."""
