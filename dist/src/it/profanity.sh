#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Two users of Debian's profanity, in terminals of tmux, befriend, chat, get copies, and read the archive on another machine.
. "$(dirname "$0")/lib/server.sh"

need 'profanity --version' profanity
need 'tmux -V' tmux
export LC_ALL=C.UTF-8 TERM=xterm
TMUX_SOCKET=$WORK/tmux

tm() { tmux -S "$TMUX_SOCKET" "$@"; }

# opens NAME USER: a terminal called NAME with a home of its own, where USER logs in.
opens() {
    local home=$WORK/$1
    mkdir -p "$home/.local/share/profanity" "$home/.config/profanity"
    cat >"$home/.local/share/profanity/accounts" <<END
[$2@localhost]
enabled=true
jid=$2@localhost
password=$PASSWORD
resource=$1
server=127.0.0.1
port=$STARTTLS_PORT
tls.policy=trust
END
    printf '[ui]\nsplash=false\n[connection]\ncarbons=true\n[mam]\n' >"$home/.config/profanity/profrc"
    tm new-session -d -s "$1" -x 160 -y 50 \
        "env -u XDG_CONFIG_HOME -u XDG_DATA_HOME HOME=$home profanity -l DEBUG -a $2@localhost"
    # Before it knows what the server can do, it does not ask for it.
    hears "$1" 'RECV: <iq.* from="localhost"><query xmlns="http://jabber.org/protocol/disco#info"'
    hears "$1" "RECV: <presence.*from=\"$2@localhost/$1\""
}

types() { tm send-keys -t "$1" -l "$2"; tm send-keys -t "$1" Enter; }

# hears NAME PATTERN: until what the client logs of its stream has it.
hears() {
    local tries=0
    until grep -qE "$2" "$WORK/$1"/.local/share/profanity/logs/*.log 2>/dev/null; do
        if [ $((tries += 1)) -gt 200 ]; then
            tm capture-pane -p -t "$1" >&2
            echo "$1 does not hear $2" >&2
            exit 1
        fi
        sleep 0.1
    done
}

# shows NAME TEXT: until the text is on the screen.
shows() {
    local tries=0
    until tm capture-pane -p -t "$1" | grep -qF "$2"; do
        if [ $((tries += 1)) -gt 200 ]; then
            tm capture-pane -p -t "$1" >&2
            echo "$1 does not show $2" >&2
            exit 1
        fi
        sleep 0.1
    done
}

start_server
add_account juliet romeo
trap 'tm kill-server 2>/dev/null || true; clean_up' EXIT

opens balcony juliet
opens orchard romeo
hears balcony 'RECV: <success'
grep -ho 'mechanism="[A-Z0-9-]*"' "$WORK"/balcony/.local/share/profanity/logs/*.log | sort -u | sed 's/^/  logged in by /'

types balcony '/sub request romeo@localhost'
hears orchard 'RECV: <presence.*type="subscribe"|RECV: <presence.*subscribe'
types orchard '/sub allow juliet@localhost'
types orchard '/sub request juliet@localhost'
hears balcony 'RECV: <presence.*subscribed'
types balcony '/sub allow romeo@localhost'
hears orchard 'RECV: <presence.*juliet@localhost/balcony'
hears balcony 'RECV: <presence.*romeo@localhost/orchard'
echo "  befriend: done"

types balcony '/msg romeo@localhost canary7body soft'
types orchard '/msg juliet@localhost canary7body what light'
shows orchard 'canary7body soft'
shows balcony 'canary7body what light'
echo "  chat: done"

opens phone juliet
hears phone 'SENT: .*urn:xmpp:carbons:2'
types balcony 'canary7body a copy'
hears phone 'RECV: <message.*urn:xmpp:carbons:2.*canary7body a copy'
echo "  copies: done"

opens tablet juliet
types tablet '/mam on'
types tablet '/msg romeo@localhost'
hears tablet 'RECV: <message.*urn:xmpp:mam:2.*canary7body soft'
shows tablet 'canary7body soft'
shows tablet 'canary7body what light'
echo "  archive: done"

tm kill-server
stop_server
echo "profanity: passed"
