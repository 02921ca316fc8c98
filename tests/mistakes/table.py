"""Every static mistake by its code: from a seed to a design that has it, and what must be said of it."""

import random
from collections.abc import Callable

from tests.mistakes import doubtful, enlarging, merges, misfits, remarks, wiring
from tests.mistakes.sketch import Mistake

MISTAKES: dict[str, Callable[[random.Random], Mistake]] = {
    "needs-flatten": misfits.needs_flatten,
    "needs-image": misfits.needs_image,
    "window-too-large": misfits.window_too_large,
    "no-channels": misfits.no_channels,
    "axis-order": misfits.axis_order,
    "groups-mismatch": misfits.groups_mismatch,
    "cropped-away": enlarging.cropped_away,
    "channels-beyond": enlarging.channels_beyond,
    "reshape-count": enlarging.reshape_count,
    "merge-shapes": merges.merge_shapes,
    "no-activation": doubtful.no_activation,
    "activation-last": doubtful.activation_last,
    "double-softmax": doubtful.double_softmax,
    "ragged": remarks.ragged,
    "same-asymmetric": remarks.same_asymmetric,
    "not-connected": wiring.not_connected,
    "no-input": wiring.no_input,
    "several-inputs": wiring.several_inputs,
    "several-outputs": wiring.several_outputs,
    "output-inside": wiring.output_inside,
    "names-collide": wiring.names_collide,
}
