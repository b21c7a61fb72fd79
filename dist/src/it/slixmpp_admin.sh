#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Debian's slixmpp administers the server by commands; a newcomer opens an invitation in a browser (curl), registers by it with a
# stock client, and is a contact of the inviter at the first login. Another invitation is made on the command line.
. "$(dirname "$0")/lib/server.sh"

need '/usr/bin/python3 -c "import slixmpp"' python3-slixmpp
need 'curl --version' curl
export CONFIG='
hosts: { localhost: { admins: [ escalus@localhost ] } }
'
start_server
add_account escalus romeo
LINKS=$(cd "$WORK" && java -XX:TieredStopAtLevel=1 -jar "$JAR" invite --name rosaline)
export LINKS
/usr/bin/python3 "$(dirname "$0")/slixmpp_admin.py" "$STARTTLS_PORT"
stop_server
# What a stopped server makes is good when it runs again.
export STOPPED
STOPPED=$(cd "$WORK" && java -XX:TieredStopAtLevel=1 -jar "$JAR" invite)
start_server
/usr/bin/python3 "$(dirname "$0")/slixmpp_admin.py" "$STARTTLS_PORT" stopped
stop_server
echo "slixmpp_admin: passed"
