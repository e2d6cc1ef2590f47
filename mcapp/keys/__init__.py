"""App Keys: read from a paste, kept in a store, found again, and never shown.

    secret         Secret, which masks itself; sealed     paste       what was pasted -> Secret, or a refusal
    key_prompt     the hidden prompt                      index       what is known of the keys without their secrets
    private_files  mcapp's folder, its files and locks    vault       index and stores changed together; which key
    stores/        system keyring, file                   checkup     what `mcapp doctor` finds and repairs
    run_command    run a command with a key

Nothing here knows Typer or rich, and no command that needs no key imports it.
"""
