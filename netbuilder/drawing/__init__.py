"""How a design looks, without a screen: colours, icons, cards, solids and wires, for the window and for figures."""
