"""When the next request may start: so many a second, and not before a pause is over that the server asked for."""

import asyncio


class Pace:
    """Lets one request start after the other, at least 1/rate seconds apart. Belongs to one event loop."""

    def __init__(self, rate: float) -> None:
        self._interval = 1 / rate
        self._next = 0.0
        self._resume = 0.0
        self._queue = asyncio.Lock()

    async def turn(self) -> None:
        """Wait until a request may start, in the order of asking."""
        clock = asyncio.get_running_loop().time
        async with self._queue:
            # A pause may be announced while this one waits for its turn.
            while (wait := max(self._next, self._resume) - clock()) > 0:
                await asyncio.sleep(wait)
            self._next = clock() + self._interval

    def pause(self, seconds: float) -> None:
        """Let nothing start for so long."""
        self._resume = max(self._resume, asyncio.get_running_loop().time() + seconds)
