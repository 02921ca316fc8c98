"""The canvas: blocks and wires that mirror the document, and the gestures that edit it."""
