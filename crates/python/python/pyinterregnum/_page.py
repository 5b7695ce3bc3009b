"""Reports in notebooks."""

import html
from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    """An HTML document that a notebook shows in a frame of its own."""

    text: str
    height: int = 720

    def _repr_html_(self) -> str:
        document = html.escape(self.text, quote=True)
        return f'<iframe srcdoc="{document}" style="width: 100%; height: {self.height}px; border: 0"></iframe>'

    def __repr__(self) -> str:
        return f"<Page of {len(self.text)} characters: shown by notebooks>"
