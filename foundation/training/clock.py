"""Ends a command before whoever started it does."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from types import FrameType


class Clock:
    """Seconds since the start, against a limit. A termination signal counts as the limit being reached."""

    def __init__(self, limit_seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._start = now()
        self._limit = limit_seconds
        self._interrupted = False

    def catch_signals(self) -> None:
        """Turn SIGTERM and SIGINT into an early end."""

        def stop(_number: int, _frame: FrameType | None) -> None:
            self._interrupted = True

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return self._now() - self._start

    def has(self, seconds: float) -> bool:
        """Whether something that takes this long can still end in time."""
        return not self._interrupted and self.elapsed + seconds <= self._limit
