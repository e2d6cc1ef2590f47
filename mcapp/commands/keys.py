"""`mcapp keys`: keep pasted App Keys safely. One module per topic; this one puts them together."""

from mcapp.commands.base import build_group
from mcapp.commands.keys_add import add
from mcapp.commands.keys_change import move, remove, rename, use
from mcapp.commands.keys_exec import exec_
from mcapp.commands.keys_show import list_, path, show

command = build_group(
    "keys",
    "Keep App Keys that were pasted by hand: in the system's keyring, or in a private file.",
    [
        ("add", add),
        ("list", list_),
        ("show", show),
        ("use", use),
        ("rename", rename),
        ("remove", remove),
        ("move", move),
        ("exec", exec_),
        ("path", path),
    ],
)
