"""Small made-up articles that come, change and go: each says one thing that can be asked for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from random import Random

_STARTS = ("Kar", "Bres", "Dun", "Ost", "Var", "Mel", "Tor", "Gil", "Hav", "Lun", "Sol", "Zeb")
_ENDS = (
    "lovo",
    "teu",
    "mira",
    "elik",
    "nando",
    "stad",
    "quin",
    "burg",
    "fjell",
    "posta",
    "wick",
    "dorn",
    "rath",
)
NAMES = tuple(start + end for start, end in product(_STARTS, _ENDS))


def question(name: str) -> str:
    """Ask for what the article of a name says."""
    return f"What did Captain {name} say?"


def quote(name: str, version: int) -> str:
    """Write the sentence that a version of an article answers with."""
    return f"Captain {name} said that the ferry carries {version} cars this week."


@dataclass(slots=True)
class Ferries:
    """Article files in a folder, in which version each stands."""

    folder: Path
    names: Sequence[str]
    random: Random
    versions: dict[str, int] = field(default_factory=dict)
    _last: int = 0

    def write(self, name: str) -> int:
        """Write an article of a name, in a version that no article had before."""
        self._last += 1
        self.versions[name] = self._last
        text = (
            f"The ferry {name}\n\nThe ferry {name} left the yard of Halmstad on Monday.\n\n"
            f"{quote(name, self._last)}\n\nNobody in the harbour had asked for more.\n"
        )
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / f"{name}.txt").write_text(text, "utf-8")
        return self._last

    def remove(self, name: str) -> None:
        """Remove the article of a name."""
        (self.folder / f"{name}.txt").unlink()
        del self.versions[name]

    def change(self, count: int) -> list[str]:
        """Add, change and remove some articles, drawn by chance; name them."""
        drawn = self.random.sample(self.names, count)
        for name in drawn:
            if name in self.versions and self.random.random() < 0.3:
                self.remove(name)
            else:
                self.write(name)
        return drawn
