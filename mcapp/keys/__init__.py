"""App Keys: taken from a paste, kept in a store, found again; never shown.

    secret      Secret, which masks itself            paste     what was pasted -> Secret, or a refusal
    terminal    a hidden prompt                       belt      no key in logs, tracebacks and core files
    safefile    private files, locks                  index     what is known of the keys without their secrets
    stores/     system keyring, file, environment     vault     index and stores changed together
    resolve     --key NAME, environment, default      checkup   what `mcapp doctor` finds and repairs
    child       run a command with a key

Nothing here knows Typer or rich, and nothing is imported by a command that needs no key.
"""
