"""What eqlx has to say to people, as values: severities, labels, diagnostics and their collector."""

from eqlx.diagnostics.model import (
    Body,
    Diagnostic,
    EqlxError,
    Label,
    Report,
    Severity,
)

__all__ = ["Body", "Diagnostic", "EqlxError", "Label", "Report", "Severity"]
