"""Rooms: reverberation and distance."""
