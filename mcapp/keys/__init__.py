"""App Keys: read from a paste, kept in a store, found again, and never shown. Nothing here knows Typer or rich.

README.md says what is in which module. No command that needs no key imports this.
"""
