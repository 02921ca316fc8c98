"""What is laid out, in canvas pixels: how large blocks are, how far apart they stand, and the names of parts."""

BLOCK_WIDTH, BLOCK_HEIGHT, STEP = 216, 44, 72
GAP = 48
"""Between columns, so that a pitch is 264: positions stay on the 8-pixel grid."""

Vertex = int
"""A layer's id; negative: the place in one row where a long wire passes."""
Rows = list[list[Vertex]]
Above = dict[Vertex, list[Vertex]]
