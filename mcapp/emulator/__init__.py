"""A local ManyChat API: the catalogue's operations, answered per key in ManyChat's own forms.

    emulated_key   the keys it knows: scopes and state; from a file
    account        what the account holds, and ManyChat's answers, byte for byte where they are recorded
    operations     what each operation reads or changes: an endpoint of the catalogue has its answer here
    manychat       which check comes first, faults, journal, a recording: one call -> one reply
    faults         what can be made to go wrong, and how it is sent
    service        the same over real sockets, on a free port

`mcapp.testing` is its public face.
"""
