"""What `mcapp scopes` does: find the operations that source code calls, and compare them with the key's scopes.

    sources       which files are read: git's list, or the folder's own; big, binary and prose files are left out
    uses          the text of one file -> every use of an operation, with its place and class
    context       what is around a place: a comment, or a call with its method and parameters
    usage_report  declared, granted, used and observed, what follows from them, the exit code and the formats

It reads text, not syntax: no language has a parser here, and what text cannot show is named as a blind spot.
"""
