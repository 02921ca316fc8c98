"""What writing and reading .netb text must agree on."""

FORMAT = 1
NODE_FIELDS = ("id", "name", "type", "settings", "position")
SECTIONS = ("format", "nodes", "edges", "groups", "notes")
