"""Worker processes that end with the process that began them, even where that is killed."""

from __future__ import annotations

import os
import threading
import time

EVERY = 0.5  # seconds


def leave_with(parent: int) -> None:
    """Let this worker process end as soon as its parent has; else it would wait for work a minute or more.

    Args:
        parent: its process id.
    """

    def wait() -> None:
        while os.getppid() == parent:  # an orphan is given another
            time.sleep(EVERY)
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
