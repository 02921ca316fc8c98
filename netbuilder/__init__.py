"""Design neural networks, read every shape and weight count, train them with NumPy and export verified ONNX.

    import netbuilder as nb

    graph = nb.Graph.chain(nb.Input(height=28, width=28, channels=1), nb.Conv2D(filters=6, kernel_size=5), nb.ReLU())
    nb.analyze(graph).totals.parameters

Every name below is loaded when it is first asked for, so that `import netbuilder` costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from netbuilder.version import __version__

if TYPE_CHECKING:
    from netbuilder.analysis import Problem, Report, analyze
    from netbuilder.engine import (
        SGD,
        Adam,
        AdamW,
        Brightness,
        Constant,
        Contrast,
        Cosine,
        CutOut,
        Exponential,
        Flip,
        InvalidDesign,
        Job,
        Noise,
        OneCycle,
        Plateau,
        Program,
        RMSProp,
        Rotate,
        Shift,
        StepDecay,
        compile,
        find_rate,
        train,
    )
    from netbuilder.files import FileError, load, save
    from netbuilder.graph import Edge, Graph, GraphError, Node
    from netbuilder.interop.certificate import Certificate
    from netbuilder.interop.code import CodeError, export_code, export_project
    from netbuilder.interop.export_data import ExportData
    from netbuilder.interop.figures import FigureError, export_figure
    from netbuilder.interop.importing import import_onnx
    from netbuilder.interop.onnx_export import ExportError, export_onnx
    from netbuilder.interop.onnx_file import OnnxFileError
    from netbuilder.interop.options import ExportOptions
    from netbuilder.interop.verification import Verification, verify
    from netbuilder.interop.verified import export_verified
    from netbuilder.layers import (
        ELU,
        GELU,
        Add,
        AveragePool2D,
        BatchNorm,
        ChannelShuffle,
        Concat,
        Conv2D,
        ConvTranspose2D,
        Dense,
        DepthwiseConv2D,
        Dropout,
        Flatten,
        GlobalAveragePool2D,
        GlobalMaxPool2D,
        HardSigmoid,
        HardSwish,
        HardTanh,
        ImageShape,
        Input,
        LayerNorm,
        LeakyReLU,
        LocalResponseNorm,
        LogSoftmax,
        MaxPool2D,
        Mish,
        Multiply,
        Output,
        PReLU,
        ReLU,
        ReLU6,
        Rescaling,
        Reshape,
        SelectChannels,
        SeparableConv2D,
        SettingError,
        Sigmoid,
        SiLU,
        Softmax,
        Softplus,
        Tanh,
        Upsample2D,
        VectorShape,
        ZeroPad2D,
    )

_ROOMS = {
    "analysis": ["Problem", "Report", "analyze"],
    "engine": [
        "SGD",
        "Adam",
        "AdamW",
        "Brightness",
        "Constant",
        "Contrast",
        "Cosine",
        "CutOut",
        "Exponential",
        "Flip",
        "InvalidDesign",
        "Job",
        "Noise",
        "OneCycle",
        "Plateau",
        "Program",
        "RMSProp",
        "Rotate",
        "Shift",
        "StepDecay",
        "compile",
        "find_rate",
        "train",
    ],
    "files": ["FileError", "load", "save"],
    "graph": ["Edge", "Graph", "GraphError", "Node"],
    "interop.code": ["CodeError", "export_code", "export_project"],
    "interop.figures": ["FigureError", "export_figure"],
    "interop.importing": ["import_onnx"],
    "interop.certificate": ["Certificate"],
    "interop.export_data": ["ExportData"],
    "interop.onnx_export": ["ExportError", "export_onnx"],
    "interop.onnx_file": ["OnnxFileError"],
    "interop.options": ["ExportOptions"],
    "interop.verification": ["Verification", "verify"],
    "interop.verified": ["export_verified"],
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}

__all__ = [
    "ELU",
    "GELU",
    "SGD",
    "Adam",
    "AdamW",
    "Add",
    "AveragePool2D",
    "BatchNorm",
    "Brightness",
    "Certificate",
    "ChannelShuffle",
    "CodeError",
    "Concat",
    "Constant",
    "Contrast",
    "Conv2D",
    "ConvTranspose2D",
    "Cosine",
    "CutOut",
    "Dense",
    "DepthwiseConv2D",
    "Dropout",
    "Edge",
    "Exponential",
    "ExportData",
    "ExportError",
    "ExportOptions",
    "FigureError",
    "FileError",
    "Flatten",
    "Flip",
    "GlobalAveragePool2D",
    "GlobalMaxPool2D",
    "Graph",
    "GraphError",
    "HardSigmoid",
    "HardSwish",
    "HardTanh",
    "ImageShape",
    "Input",
    "InvalidDesign",
    "Job",
    "LayerNorm",
    "LeakyReLU",
    "LocalResponseNorm",
    "LogSoftmax",
    "MaxPool2D",
    "Mish",
    "Multiply",
    "Node",
    "Noise",
    "OneCycle",
    "OnnxFileError",
    "Output",
    "PReLU",
    "Plateau",
    "Problem",
    "Program",
    "RMSProp",
    "ReLU",
    "ReLU6",
    "Report",
    "Rescaling",
    "Reshape",
    "Rotate",
    "SelectChannels",
    "SeparableConv2D",
    "SettingError",
    "Shift",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "StepDecay",
    "Tanh",
    "Upsample2D",
    "VectorShape",
    "Verification",
    "ZeroPad2D",
    "__version__",
    "analyze",
    "compile",
    "export_code",
    "export_figure",
    "export_onnx",
    "export_project",
    "export_verified",
    "find_rate",
    "import_onnx",
    "load",
    "save",
    "train",
    "verify",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'netbuilder' has no attribute {name!r}")
    value = getattr(import_module(f"netbuilder.{_ROOM_OF.get(name, 'layers')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
