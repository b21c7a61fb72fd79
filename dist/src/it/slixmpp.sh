#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Two users of Debian's slixmpp befriend, chat, page their archives, get copies, and resume after a cut.
. "$(dirname "$0")/lib/server.sh"

need '/usr/bin/python3 -c "import slixmpp"' python3-slixmpp
start_server
add_account juliet romeo
/usr/bin/python3 "$(dirname "$0")/slixmpp_chat.py" "$STARTTLS_PORT"
stop_server
echo "slixmpp: passed"
