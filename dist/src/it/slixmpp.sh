#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Users of Debian's slixmpp befriend, chat, page their archives, get copies, and resume after a cut; they publish avatars,
# bookmarks, keys, tunes and files, hear of each other's, and block each other.
. "$(dirname "$0")/lib/server.sh"

need '/usr/bin/python3 -c "import slixmpp"' python3-slixmpp
need '/usr/bin/python3 -c "import aiohttp"' python3-aiohttp
start_server
add_account juliet romeo
/usr/bin/python3 "$(dirname "$0")/slixmpp_chat.py" "$STARTTLS_PORT"
add_account hamlet ophelia horatio
/usr/bin/python3 "$(dirname "$0")/slixmpp_nodes.py" "$STARTTLS_PORT"
stop_server
echo "slixmpp: passed"
