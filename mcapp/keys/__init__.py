"""App Keys: read from a paste, kept in a store, found again, and never shown.

    secret         Secret, which masks itself             paste       what was pasted -> Secret, or a refusal
    key_prompt     the hidden prompt                      leaks       no key in logs, tracebacks and core files
    private_files  mcapp's folder, its files and locks    index       what is known of the keys without their secrets
    stores/        system keyring, file                   vault       index and stores changed together; which key
    run_command    run a command with a key               checkup     what `mcapp doctor` finds and repairs

Nothing here knows Typer or rich, and no command that needs no key imports it.
"""
