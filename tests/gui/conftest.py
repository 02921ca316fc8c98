"""What tests of the panels share: the application's own look, and designs to show."""

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from netbuilder.examples import example
from netbuilder.gui import theme
from netbuilder.gui.document import Document


@pytest.fixture(scope="session")
def styled(qapp: QApplication) -> QApplication:
    """The application with its fonts, colours and style sheet, as `netbuilder.gui.app` makes it."""
    theme.install(qapp, "light")
    return qapp


@pytest.fixture
def lenet(styled: QApplication, qtbot: QtBot) -> Document:
    """LeNet-5, open."""
    document = Document(example("lenet-5"))
    document.name = "LeNet-5"
    return document
