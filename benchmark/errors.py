"""What can go wrong, in two kinds: the input, and the harness."""


class InputError(Exception):
    """The user's input is wrong: exit code 2, one line, no traceback.

    The message names the thing, its value, and what would be right.
    """


class HarnessError(Exception):
    """The harness itself broke: exit code 4."""
