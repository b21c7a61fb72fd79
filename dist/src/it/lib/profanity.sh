# SPDX-License-Identifier: Apache-2.0
# For scripts after `. lib/server.sh`: users of Debian's profanity, each in a terminal of tmux.
# shellcheck shell=bash

need 'profanity --version' profanity
need 'tmux -V' tmux
export LC_ALL=C.UTF-8 TERM=xterm
TMUX_SOCKET=$WORK/tmux
trap 'tm kill-server 2>/dev/null || true; clean_up' EXIT

tm() { tmux -S "$TMUX_SOCKET" "$@"; }

# opens NAME USER [PREFERENCES]: a terminal called NAME with a home of its own, where USER logs in.
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
    printf '[ui]\nsplash=false\n[connection]\ncarbons=true\n[mam]\n%s\n' "${3:-}" >"$home/.config/profanity/profrc"
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
            for pane in $(tm ls -F "#S"); do tm capture-pane -p -t "$pane" >&2; done
            echo "$1 does not hear $2" >&2
            exit 1
        fi
        sleep 0.1
    done
}

# shows NAME TEXT: until the text is on the screen.
shows() {
    local tries=0
    until tm capture-pane -p -t "$1" | grep -qF -- "$2"; do
        if [ $((tries += 1)) -gt 200 ]; then
            for pane in $(tm ls -F "#S"); do tm capture-pane -p -t "$pane" >&2; done
            echo "$1 does not show $2" >&2
            exit 1
        fi
        sleep 0.1
    done
}

# befriend NAME USER NAME USER: both see each other's presence.
befriend() {
    types "$1" "/sub request $4@localhost"
    hears "$3" 'RECV: <presence.*type="subscribe"|RECV: <presence.*subscribe'
    types "$3" "/sub allow $2@localhost"
    types "$3" "/sub request $2@localhost"
    hears "$1" 'RECV: <presence.*subscribed'
    types "$1" "/sub allow $4@localhost"
    hears "$3" "RECV: <presence.*$2@localhost/$1"
    hears "$1" "RECV: <presence.*$4@localhost/$3"
}
