"""From a text with «marks» to the text with something in their places."""

import re
from collections.abc import Mapping

MARK = re.compile(r"«([^»]+)»")


def filled(template: str, marks: Mapping[str, str]) -> str:
    """The template with every mark replaced. A mark alone on its line takes as many lines as it has, indented as the
    mark is, and none where it is empty."""
    found: list[str] = []
    for line in template.splitlines():
        alone = MARK.fullmatch(line.strip())
        if alone is None:
            found.append(MARK.sub(lambda match: marks[match[1]], line))
            continue
        indent = line[: len(line) - len(line.lstrip())]
        found += [f"{indent}{each}" if each else "" for each in marks[alone[1]].splitlines()]
    return "\n".join(found) + "\n"
