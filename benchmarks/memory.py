"""The memory of processes, sampled while a work goes on."""

from __future__ import annotations

import os
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class Memory:
    """Resident bytes of the writer and of its processes together, by documents judged."""

    samples: list[tuple[int, int, int]] = field(default_factory=list)

    def sample(self, judged: int, processes: Sequence[int]) -> None:
        """Take one."""
        self.samples.append((judged, resident(os.getpid()), sum(map(resident, processes))))

    def slope(self, which: int) -> float:
        """Bytes per document, by least squares, past the first fifth: caches fill, and then must stay."""
        kept = self.samples[len(self.samples) // 5 :]
        return statistics.linear_regression([s[0] for s in kept], [s[which] for s in kept]).slope

    @property
    def peak(self) -> int:
        """The most that all processes held at once."""
        return max(writer + workers for _, writer, workers in self.samples)


def resident(process: int) -> int:
    """Resident bytes of a process; none once it is gone."""
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    except OSError:
        return 0
    kilobytes = next((line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:")), "0")
    return int(kilobytes) * 1024
