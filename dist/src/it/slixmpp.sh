#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Users of Debian's slixmpp befriend, chat, page their archives, get copies, and resume after a cut; they publish avatars,
# bookmarks, keys and tunes, and hear of each other's.
. "$(dirname "$0")/lib/server.sh"

need '/usr/bin/python3 -c "import slixmpp"' python3-slixmpp
start_server
add_account juliet romeo
/usr/bin/python3 "$(dirname "$0")/slixmpp_chat.py" "$STARTTLS_PORT"
add_account hamlet ophelia horatio
/usr/bin/python3 "$(dirname "$0")/slixmpp_nodes.py" "$STARTTLS_PORT"
stop_server
echo "slixmpp: passed"
