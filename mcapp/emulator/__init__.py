"""A local ManyChat API: the catalogue's operations, answered per key in ManyChat's own forms.

    keys       the keys it knows: scopes and state; from a file
    reply      ManyChat's answers, byte for byte where they are recorded
    account    what the account holds; enough to prove that nothing was changed
    page, contacts   the operations, by group: what each one reads or changes
    api        which check comes first, faults, journal: one call -> one reply (no network)
    faults     what can be made to go wrong
    wire       how a reply, or a fault, goes over a socket
    server     the same over real sockets, on a free port

`mcapp.testing` is its public face.
"""
