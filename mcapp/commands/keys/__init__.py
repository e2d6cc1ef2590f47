"""`mcapp keys`: keep pasted App Keys safely. One module per topic; this one puts them together."""

from mcapp.cli.help import build_group
from mcapp.commands.keys.add import Add, add
from mcapp.commands.keys.exec import Exec, exec_
from mcapp.commands.keys.stored import list_, move, path, remove, rename, show, use

command = build_group(
    "keys",
    "Keep App Keys that were pasted by hand: in the system's keyring, or in a private file.",
    [
        ("add", add, Add),
        ("list", list_),
        ("show", show),
        ("use", use),
        ("rename", rename),
        ("remove", remove),
        ("move", move),
        ("exec", exec_, Exec),
        ("path", path),
    ],
)
