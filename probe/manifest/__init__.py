"""Deployment files: snippets whose timings follow from the settings, and what will hurt in existing ones."""
