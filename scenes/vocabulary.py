"""The words of the bundled checkpoint: what it draws, and what people may call it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One sort of thing that scenes hold.

    Attributes:
        name: Its usual word.
        plural: The word for several.
        synonyms: Other words for the same, each with its plural where people use one.
        glyph: The emoji it is drawn from; empty for a coloured shape.
        groups: The wider words that it answers to.
    """

    name: str
    plural: str
    synonyms: tuple[str, ...] = ()
    glyph: str = ""
    groups: tuple[str, ...] = ()

    @property
    def is_shape(self) -> bool:
        """Whether it is a shape, which comes in colours, and not a picture."""
        return not self.glyph


_SHAPES = (
    Kind("circle", "circles", ("disc", "discs")),
    Kind("square", "squares"),
    Kind("triangle", "triangles"),
    Kind("star", "stars"),
    Kind("heart", "hearts"),
    Kind("ring", "rings", ("hoop", "hoops")),
    Kind("cross", "crosses"),
    Kind("hexagon", "hexagons"),
    Kind("crescent", "crescents"),
)


def _picture(glyph: str, name: str, plural: str, *synonyms: str, groups: str = "") -> Kind:
    return Kind(name, plural, synonyms, glyph, tuple(groups.split()))


_PICTURES = (
    _picture("🐶", "dog", "dogs", "puppy", "puppies", groups="animal"),
    _picture("🐱", "cat", "cats", "kitten", "kittens", groups="animal"),
    _picture("🐷", "pig", "pigs", "piglet", groups="animal"),
    _picture("🐸", "frog", "frogs", "toad", groups="animal"),
    _picture("🐼", "panda", "pandas", groups="animal"),
    _picture("🦁", "lion", "lions", groups="animal"),
    _picture("🐔", "chicken", "chickens", "hen", "hens", groups="animal"),
    _picture("🐟", "fish", "fishes", groups="animal"),
    _picture("🦋", "butterfly", "butterflies", groups="animal"),
    _picture("🐢", "turtle", "turtles", "tortoise", groups="animal"),
    _picture("🐘", "elephant", "elephants", groups="animal"),
    _picture("🐞", "ladybug", "ladybugs", "ladybird", groups="animal"),
    _picture("🍎", "apple", "apples", groups="fruit"),
    _picture("🍌", "banana", "bananas", groups="fruit"),
    _picture("🍓", "strawberry", "strawberries", groups="fruit"),
    _picture("🍇", "grapes", "bunches of grapes", "grape", groups="fruit"),
    _picture("🍉", "watermelon", "watermelons", "melon", groups="fruit"),
    _picture("🍊", "tangerine", "tangerines", "mandarin", groups="fruit"),
    _picture("🍕", "pizza", "pizzas", "slice of pizza"),
    _picture("🍩", "donut", "donuts", "doughnut", "doughnuts"),
    _picture("🚗", "car", "cars", "automobile", "automobiles", groups="vehicle"),
    _picture("🚌", "bus", "buses", "coach", groups="vehicle"),
    _picture("🚲", "bicycle", "bicycles", "bike", "bikes", groups="vehicle"),
    _picture("🚚", "truck", "trucks", "lorry", "lorries", groups="vehicle"),
    _picture("🚜", "tractor", "tractors", groups="vehicle"),
    _picture("⛵", "sailboat", "sailboats", "boat", "boats", groups="vehicle"),
    _picture("🚀", "rocket", "rockets", "spaceship", groups="vehicle"),
    _picture("👮", "police officer", "police officers", "policeman", "cop", groups="person"),
    _picture("👸", "princess", "princesses", groups="person"),
    _picture("🎅", "santa", "santas", "santa claus", groups="person"),
    _picture("👶", "baby", "babies", "infant", groups="person"),
    _picture("🌲", "tree", "trees", "fir tree", "pine"),
    _picture("🌻", "sunflower", "sunflowers", "flower", "flowers"),
    _picture("🍄", "mushroom", "mushrooms", "toadstool"),
    _picture("🏠", "house", "houses", "home"),
    _picture("⚽", "soccer ball", "soccer balls", "football", "ball", "balls"),
    _picture("🎈", "balloon", "balloons"),
    _picture("🎁", "gift", "gifts", "present", "presents"),
    _picture("☂️", "umbrella", "umbrellas"),
    _picture("👑", "crown", "crowns"),
    _picture("🔑", "key", "keys"),
    _picture("🎸", "guitar", "guitars"),
)

KINDS: tuple[Kind, ...] = _SHAPES + _PICTURES
KIND_NAMES: tuple[str, ...] = tuple(kind.name for kind in KINDS)
KIND_OF: dict[str, Kind] = {kind.name: kind for kind in KINDS}

# RGB of the middle of each colour; scenes vary around it.
COLOURS: dict[str, tuple[int, int, int]] = {
    "red": (215, 38, 38),
    "orange": (245, 140, 25),
    "yellow": (248, 215, 40),
    "green": (45, 160, 60),
    "blue": (40, 85, 210),
    "purple": (135, 55, 175),
    "pink": (245, 130, 180),
    "brown": (120, 72, 35),
    "black": (25, 25, 28),
    "white": (245, 245, 245),
}
COLOUR_NAMES: tuple[str, ...] = tuple(COLOURS)

# The wider words, each with its plural and its synonyms.
GROUPS: dict[str, tuple[str, ...]] = {
    "animal": ("animal", "animals"),
    "fruit": ("fruit", "fruits"),
    "vehicle": ("vehicle", "vehicles"),
    "person": ("person", "people", "persons", "human"),
    "shape": ("shape", "shapes"),
}

# Words of things that no scene holds: the answer is nothing.
NEVER_DRAWN: tuple[str, ...] = (
    "laptop", "bridge", "chair", "table", "bottle", "shoe", "book", "cup", "clock", "phone",
    "horse", "cow", "sheep", "snake", "spider", "bird", "airplane", "train", "helicopter",
    "cloud", "mountain", "window", "door", "lamp", "bed", "fork", "knife", "spoon", "hat",
    "shirt", "backpack", "camera", "carrot", "potato", "bread", "cheese", "ice cream",
    "traffic light", "street sign", "road", "river", "tennis racket", "keyboard", "computer",
    "scissors", "hammer", "candle", "ladder", "violin", "drum", "zebra", "giraffe", "tiger",
    "rabbit", "mouse", "bear", "monkey", "lemon", "pear", "cherry", "octagon", "arrow",
    "grey", "gray car", "turquoise", "nothing", "something else", "asdf", "xyz",
)  # fmt: skip


def kind_words(kind: Kind) -> tuple[str, ...]:
    """Every word for a kind, its name first."""
    return (kind.name, kind.plural, *kind.synonyms)


def with_article(noun: str) -> str:
    """The noun after "a" or "an"."""
    return ("an " if noun[0] in "aeiou" else "a ") + noun


def all_phrases() -> tuple[str, ...]:
    """Every word that training puts into a phrase for something that can be there."""
    words = [word for kind in KINDS for word in kind_words(kind)]
    words += [word for group in GROUPS.values() for word in group]
    return (*words, *COLOUR_NAMES, "a dog", "an apple")
