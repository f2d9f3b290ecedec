"""A module per audit: what its section says first, and which tables and plots make its parts.

Findings that a module shows nowhere are listed after its parts, so none is lost.
"""
