"""What `mcapp fleet` does: ask many keys which of the expected scopes they have, and keep what was found.

    key_list       the keys, as a stream: JSONL, CSV or variables
    state_file     what was found out about each key at each check, in an SQLite file without keys
    fleet_check    one check: two rounds over the keys, one limiter, whatever ends it
    fleet_report   the last check of each key compared with those before, and the formats of that

Data flow: KeyList -> scopes.run and scopes.verdicts for each key -> State -> FleetReport -> format.
"""
