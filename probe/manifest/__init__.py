"""Deployment files: snippets whose timings follow from the settings, and problems in existing ones."""
