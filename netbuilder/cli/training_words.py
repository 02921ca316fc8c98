"""The words that say how to train, declared without loading the engine that knows what they mean."""

from argparse import ArgumentParser

from netbuilder.cli.values import amount, rate, whole

OPTIMIZERS = ("sgd", "rmsprop", "adam", "adamw")
SCHEDULES = ("constant", "step-decay", "exponential", "cosine", "one-cycle", "plateau")
AUGMENTATIONS = ("shift", "flip", "rotate", "cut-out", "noise", "contrast", "brightness")


def declare_method(parser: ArgumentParser) -> None:
    """Batches, and the rule by which weights are updated."""
    parser.add_argument("--batch-size", type=whole(1, 1_000_000), metavar="N", help="samples in one step (default: 64)")
    parser.add_argument("--optimizer", choices=OPTIMIZERS, help="default: adam")
    parser.add_argument("--momentum", type=amount, metavar="M", help="for sgd and rmsprop (default: 0)")
    parser.add_argument(
        "--weight-decay",
        type=amount,
        metavar="D",
        help="pull weights towards 0: with adamw apart from the gradient (default: 0.01), else as L2 (default: 0)",
    )
    parser.add_argument(
        "--loss", metavar="LOSS", help="cross_entropy, mse, or a sum: 'cross_entropy + 0.5 mse' (default: by the data)"
    )
    parser.add_argument("--seed", type=whole(0), metavar="N", help="start of every random choice (default: 0)")
    changes = parser.add_argument_group("what is learned from")
    changes.add_argument(
        "--augment",
        nargs="+",
        metavar="CHANGE",
        help=f"change training images anew in every epoch: {', '.join(AUGMENTATIONS)}; with settings as in shift:2, "
        "rotate:15 or flip:0.5,vertical=yes",
    )
    changes.add_argument(
        "--label-smoothing", type=amount, metavar="SHARE", help="the share of a label given to all classes (default: 0)"
    )
    changes.add_argument("--class-weights", choices=("none", "balanced"), help="let rare classes count more")


def declare_course(parser: ArgumentParser) -> None:
    """How the rate changes, and when it ends."""
    parser.add_argument(
        "--epochs", type=whole(1, 1_000_000), metavar="N", help="times the training data is gone through (default: 5)"
    )
    parser.add_argument("--lr", type=rate, metavar="RATE", help="learning rate (default: the optimizer's usual one)")
    course = parser.add_argument_group("course")
    course.add_argument(
        "--schedule",
        metavar="RULE",
        help=f"how the learning rate changes: {', '.join(SCHEDULES)}; with settings as in step-decay:every=5,gamma=0.5",
    )
    course.add_argument("--warmup", type=amount, metavar="EPOCHS", help="over which the rate first rises (default: 0)")
    course.add_argument(
        "--patience", type=whole(0), metavar="N", help="end after so many epochs without a better one (default: never)"
    )
    course.add_argument(
        "--accumulate", type=whole(1, 100_000), metavar="N", help="steps whose gradients make one update (default: 1)"
    )
    course.add_argument(
        "--clip-norm", type=amount, metavar="LENGTH", help="cut gradients longer than this, taken together"
    )
    course.add_argument("--clip-value", type=amount, metavar="SIZE", help="cut single gradients larger than this")
