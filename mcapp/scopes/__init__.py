"""What `mcapp probe` does: send each endpoint one harmless request, and read the answers.

    endpoints.toml   the catalogue: every operation, its harmless request, effect and evidence (data)
    catalogue        the catalogue as Endpoints, and how scopes are named
    endpoint_text    shows them, and what a recording confirms and contradicts of them
    plan             what a run sends, in which order, how fast, and what it leaves out and why
    guard            the transport: only what is in the plan leaves the process, and only it adds the key
    client           one request -> one Answer: time, size and decompression are bounded
    run              pace, concurrency, retries, Retry-After, the deadline, an interruption -> RunLog
    classify         the Answer, and what it means for one scope (pure)
    verdicts         the whole: plan and key in, report out; a RunLog -> a verdict for every scope and for the key
    recording        what was asked and answered, for people to publish and `mcapp emulate --replay`
    expect           what is expected of the key, and the file that records it
    report           the result of a run and its exit code
    probe_formats    the formats of that report and of a plan
    history          the last result for each stored key

Data flow: Secret -> Plan -> guarded client -> Answers -> RunLog -> verdicts -> ProbeReport -> format.
"""
