"""From layers' names, which are any text, to identifiers that are safe to write as code."""

import builtins
import keyword
import re
import unicodedata
from collections.abc import Iterable, Sequence

IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
UNWRITABLE = frozenset([*keyword.kwlist, *keyword.softkwlist, *dir(builtins)])
"""What no variable may be called: words of the language, and names that everybody expects to mean something else."""

# fmt: off
MODULE_ATTRIBUTES = frozenset((
    "T_destination", "add_module", "apply", "bfloat16", "buffers", "call_super_init", "children", "compile", "cpu",
    "cuda", "double", "dump_patches", "eval", "extra_repr", "float", "forward", "get_buffer", "get_extra_state",
    "get_parameter", "get_submodule", "half", "ipu", "load_state_dict", "modules", "mtia", "named_buffers",
    "named_children", "named_modules", "named_parameters", "parameters", "register_backward_hook", "register_buffer",
    "register_forward_hook", "register_forward_pre_hook", "register_full_backward_hook",
    "register_full_backward_pre_hook", "register_load_state_dict_post_hook", "register_load_state_dict_pre_hook",
    "register_module", "register_parameter", "register_state_dict_post_hook", "register_state_dict_pre_hook",
    "requires_grad_", "set_extra_state", "set_submodule", "share_memory", "state_dict", "to", "to_empty", "train",
    "training", "type", "xpu", "zero_grad",
))
# fmt: on
"""What torch.nn.Module calls its own; a layer of that name would replace it."""


def identifiers(names: Sequence[tuple[str, str]], reserved: Iterable[str]) -> dict[str, str]:
    """An identifier for every (name, kind): the name itself where it is one, else what is left of it in ASCII, or the
    kind where nothing is. No two are alike, and none is reserved or a word of the language."""
    taken = {*reserved, *keyword.kwlist}
    found = {name: name for name, _ in names if IDENTIFIER.fullmatch(name) and name not in taken}
    taken |= found.keys()
    for name, kind in names:
        if name not in found:
            found[name] = _free(_ascii(name) or kind.lower(), taken)
            taken.add(found[name])
    return found


def _ascii(name: str) -> str:
    """'conv1_1a' of 'conv1.1a', 'ete' of 'été', '' of '第'."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    kept = re.sub(r"_+", "_", re.sub(r"[^A-Za-z0-9_]", "_", plain)).strip("_")
    return f"layer_{kept}" if kept[:1].isdigit() else kept


def _free(stem: str, taken: set[str]) -> str:
    """`stem`, with an underscore where it is a word with a meaning of its own, with a number where others have it."""
    stem = f"{stem}_" if stem in UNWRITABLE | MODULE_ATTRIBUTES and stem in taken else stem
    free, index = stem, 1
    while free in taken:
        index += 1
        free = f"{stem}_{index}"
    return free
