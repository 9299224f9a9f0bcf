"""`bin/bench --growth`: the same reads at two sizes, beside one another."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from bench.growth.measure import Timed, loaded, measure

MOST_RATIO = 1.5
MOST_MILLISECONDS = 50.0
# Pages of the console, and what is looked for by a part of a name.
MOST_SEARCHED_MILLISECONDS = 100.0
_SEARCHED = (" name=", " search=", " search_term=", " q=", " email=", " phone_number=")
# Their page is as long as the clinic lets it be, or they reckon something of all patients.
PAGES_OF_THOUSANDS = (
    "/billing/cart/list",
    "/billing/charge/list",
    "/user/patient/ids",
    "sort_by=total_spent",
    "sort_by=appointment_count",
)
# Less than this is what a look-up by a key needs, give or take a level of an index.
_FEW_BLOCKS = 300


class Grown(msgspec.Struct, frozen=True):
    small: Timed
    large: Timed

    @property
    def ratio(self) -> float:
        return self.large.milliseconds / self.small.milliseconds if self.small.milliseconds else 1.0

    @property
    def ratio_of_blocks(self) -> float:
        return max(self.large.blocks, _FEW_BLOCKS) / max(self.small.blocks, _FEW_BLOCKS)

    @property
    def limit(self) -> float:
        searched = self.large.name.startswith("/console") or any(word in self.large.name for word in _SEARCHED)
        return MOST_SEARCHED_MILLISECONDS if searched else MOST_MILLISECONDS

    @property
    def is_flat(self) -> bool:
        return self.ratio <= MOST_RATIO and self.large.milliseconds <= self.limit


def growth(folder: Path, sizes: list[int], only: str) -> str:
    """The sizes are loaded into `folder` and stay there."""
    small, large = (measure(loaded(folder, cases), only) for cases in sizes)
    there = {one.name: one for one in small}
    pairs = [Grown(there[one.name], one) for one in large if one.name in there]
    return "\n".join(_lines(pairs, sizes))


def _lines(pairs: list[Grown], sizes: list[int]) -> Iterator[str]:
    yield f"{'ms, ' + format(sizes[0], ','):>12} {format(sizes[1], ','):>9} {'ratio':>6} {'blocks':>16} {'ratio':>6}"
    for pair in sorted(pairs, key=lambda pair: -pair.ratio_of_blocks):
        blocks = f"{pair.small.blocks:,} {pair.large.blocks:,}"
        mark = "" if pair.is_flat else " !"
        yield (
            f"{pair.small.milliseconds:12.1f} {pair.large.milliseconds:9.1f} {pair.ratio:6.1f} {blocks:>16} {pair.ratio_of_blocks:6.1f} "
            f"{pair.large.name}{mark}"
        )
    yield from _judged(pairs)


def _judged(pairs: list[Grown]) -> Iterator[str]:
    bounded = [pair for pair in pairs if not any(word in pair.large.name for word in PAGES_OF_THOUSANDS)]
    steep = [pair for pair in bounded if pair.ratio > MOST_RATIO]
    steep_blocks = [pair for pair in bounded if pair.ratio_of_blocks > MOST_RATIO]
    slow = [pair for pair in bounded if pair.large.milliseconds > pair.limit]
    yield f"{len(pairs)} reads; {len(pairs) - len(bounded)} of them show thousands of rows and are not judged"
    yield f"time grew more than {MOST_RATIO} times: {len(steep)}; what is looked at: {len(steep_blocks)}; slower than they may be: {len(slow)}"
    for pair in bounded:
        if pair.large.scans:
            yield f"reads a whole table: {pair.large.name}: {', '.join(sorted(set(pair.large.scans)))}"
    for pair in pairs:
        if not pair.large.is_good:
            yield f"not answered: {pair.large.name}: {pair.large.status}"
