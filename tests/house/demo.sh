#!/bin/sh
# The main job, shown: write a block, check a broken file, check a good one. Run by `make demo`.
#   demo.sh BIN    BIN is the folder with the installed mcapp
set -eu
exec 2>&1 # what is said on stderr belongs right behind its command
PATH=$(cd "$1" && pwd):$PATH
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"

# show CODE COMMAND…: print the command, run it, and hold it to the exit code that it should have.
show() {
    wanted=$1
    shift
    printf '\n$'
    for word in "$@"; do
        case $word in
        *[!A-Za-z0-9_./:=-]*) printf " '%s'" "$word" ;;
        *) printf ' %s' "$word" ;;
        esac
    done
    printf '\n'
    code=0
    "$@" || code=$?
    if [ "$code" -ne 0 ]; then printf '(exit code %s)\n' "$code"; fi
    if [ "$code" -ne "$wanted" ]; then
        printf 'demo: expected exit code %s\n' "$wanted" >&2
        exit 1
    fi
}

printf '1. The block through which ManyChat hands over an App Key:\n'
show 0 mcapp generate --url https://example.com/manychat/install

printf '\n2. An App JSON with the usual mistakes, and what mcapp says of it:\n'
cat >broken.json <<'JSON'
{
  "auth": {
    "type": "APIKEY",
    "params": [{"name": "email", "title": "Your e-mail"}],
    "request": {
      "url": "http://example.com/manychat/install",
      "method": "POST",
      "headers": {
        "Content-Type": "application/json"
      },
      "mapping": [],
      "payload": {
        "app_token": "[[app_token]]", // the App Key
        "email": "[[e-mail]]"
      }
    }
  },
  "actions": []
}
JSON
show 0 cat broken.json
show 1 mcapp validate broken.json

printf '\n3. A whole App JSON as mcapp writes it, and what mcapp says of that:\n'
show 0 mcapp generate --url https://example.com/manychat/install --param email='Your e-mail' \
    --payload 'app_token=<<app_token>>' --payload 'page_id=<<page_id>>' --payload 'email=<<email>>' \
    --emit app -o app.json
show 0 cat app.json
show 0 mcapp validate app.json
