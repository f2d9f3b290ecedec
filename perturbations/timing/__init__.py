"""Changes in time that keep the voice: crops, padding, a hurried passage."""
