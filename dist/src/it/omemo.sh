#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# End-to-end encryption by OMEMO: two users of Debian's profanity, two of slixmpp with Debian's python-omemo in both of its
# generations, and one of each with one of the other.
. "$(dirname "$0")/lib/server.sh"
. "$(dirname "$0")/lib/profanity.sh"

need '/usr/bin/python3 -c "import slixmpp"' python3-slixmpp
need '/usr/bin/python3 -c "import xmlschema"' python3-xmlschema
need '/usr/bin/python3 -c "import twomemo"' python3-twomemo
need '/usr/bin/python3 -c "import oldmemo"' python3-oldmemo
start_server
add_account juliet romeo hamlet ophelia

for person in balcony:juliet orchard:romeo; do
    opens "${person%:*}" "${person#*:}"
    types "${person%:*}" '/omemo trustmode blind'
    types "${person%:*}" '/omemo gen'
    hears "${person%:*}" 'RECV: <iq.*eu.siacs.conversations.axolotl.bundles'
done
befriend balcony juliet orchard romeo
hears balcony 'RECV: <message.*romeo@localhost.*eu.siacs.conversations.axolotl.devicelist'
types balcony '/omemo start romeo@localhost'
hears balcony 'RECV: <iq.*from="romeo@localhost".*eu.siacs.conversations.axolotl.bundles'
types balcony 'canary7body soft'
hears orchard 'RECV: <message.*from="juliet@localhost/balcony".*<encrypted'
types orchard '/win 2'
shows orchard 'canary7body soft'
types orchard '/omemo start'
shows orchard '[OMEMO]'
types orchard 'canary7body what light'
shows balcony 'canary7body what light'
if grep -h '\(RECV\|SENT\): <message' "$WORK"/*/.local/share/profanity/logs/*.log | grep canary7body; then
    echo "something was said in the clear" >&2
    exit 1
fi
echo "  profanity: done"

timeout 60 /usr/bin/python3 "$(dirname "$0")/omemo_chat.py" "$STARTTLS_PORT" &
slixmpp=$!
hears orchard 'RECV: <message.*from="hamlet@localhost/castle".*<encrypted'
types orchard '/win 3'
shows orchard 'canary7body from Elsinore'
types orchard '/omemo start'
hears orchard 'RECV: <iq.*from="hamlet@localhost".*eu.siacs.conversations.axolotl.bundles'
types orchard 'canary7body from Verona'
wait $slixmpp

tm kill-server
stop_server
echo "OMEMO: passed"
