"""What `mcapp probe` does: send each endpoint one harmless request, and read the answers.

    endpoints.toml   the catalogue: every operation, its harmless request, effect and evidence (data)
    catalogue        the catalogue as Endpoints, and how scopes are named
    plan             what a run sends, in which order, and what it leaves out and why
    guard            the transport: nothing that is not in the plan leaves the process, and only it adds the key
    client, answer   one request -> one Answer: time, size and decompression are bounded
    body             an Answer's body, read within its limit
    pace, run        rate, concurrency, retries, Retry-After, the deadline, an interruption
    classify         one Answer -> what it means for one scope (pure)
    verdicts         all of them -> a verdict for every scope and for the key (pure)
    expect           what was expected of the key, and the exit code (pure)
    probe            the whole run, for `mcapp probe` and `mcapp.probe`
    report           the result of a run;  formats/ renders it
    history          the last result for each stored key

Data flow: Secret -> Plan -> guarded client -> Answers -> verdicts -> Report.
"""
