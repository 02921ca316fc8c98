"""Random designs exported and imported again: `python -m tests.benchmarks.roundtrip [COUNT]` tries five hundred."""

import sys
import time

from tests.interop.trips import trip

if __name__ == "__main__":
    count, began = int(sys.argv[1]) if len(sys.argv) > 1 else 500, time.perf_counter()
    trips = [trip(seed) for seed in range(count)]
    layers = sum(each.layers for each in trips)
    print(f"{count} designs, {layers:,} layers, {time.perf_counter() - began:.1f} s")
    difference, again = max(each.difference for each in trips), max(each.again for each in trips)
    print(f"largest difference {difference:.1e} of the largest output; the second time {again:.1e}")
    lost = [(seed, each.changed) for seed, each in enumerate(trips) if each.changed]
    print(f"{len(lost)} designs came back as another network", *lost[:10], sep="\n")
