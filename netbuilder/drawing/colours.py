"""What things mean -> their colours, light and dark, and the colour of every layer family; both have one truth here."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Colours:
    """One scheme's colours, by what they mean."""

    window: str
    surface: str
    card: str
    field: str
    canvas: str
    dots: str
    border: str
    grid: str
    text: str
    secondary: str
    tertiary: str
    accent: str
    accent_soft: str
    on_accent: str
    good: str
    warning: str
    error: str
    wire: str
    icon_tint: float
    """How much of a family's colour is in the square behind its icon."""


LIGHT = Colours(
    window="#F3F4F6",
    surface="#FFFFFF",
    card="#FFFFFF",
    field="#F3F4F6",
    canvas="#FAFBFC",
    dots="#DFE3E8",
    border="#DCE0E5",
    grid="#E9ECF0",
    text="#1B2027",
    secondary="#5A6572",
    tertiary="#667080",
    accent="#2563EB",
    accent_soft="#E9F0FD",
    on_accent="#FFFFFF",
    good="#15803D",
    warning="#B45309",
    error="#C62828",
    wire="#7B8794",
    icon_tint=36 / 255,
)
DARK = Colours(
    window="#1A1D21",
    surface="#22262B",
    card="#262B31",
    field="#1A1D21",
    canvas="#15171A",
    dots="#2A2F36",
    border="#343A42",
    grid="#2C3138",
    text="#E7EAEE",
    secondary="#A3ADB8",
    tertiary="#87929E",
    accent="#6EA8FF",
    accent_soft="#233452",
    on_accent="#10141A",
    good="#4ADE80",
    warning="#F0B14A",
    error="#FF7B72",
    wire="#8C97A3",
    icon_tint=56 / 255,
)
FAMILIES = {
    "input": "#64748B",
    "convolution": "#3B82F6",
    "pooling": "#0D9488",
    "activation": "#D97706",
    "normalisation": "#8B5CF6",
    "dense": "#DB2777",
    "merge": "#16A34A",
    "reshape": "#78716C",
    "output": "#64748B",
}


def mixed(colour: str, ground: str, strength: float) -> str:
    """An opaque colour between the ground (0) and the colour (1): '#3B82F6' on '#FFFFFF' at 0.5 is '#9DC0FA'."""
    pairs = ((int(colour[i : i + 2], 16), int(ground[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{int(strength * a + (1 - strength) * b + 0.5):02X}" for a, b in pairs)
