#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Two users of Debian's profanity, in terminals of tmux, befriend, chat, get copies, and read the archive on another machine.
. "$(dirname "$0")/lib/server.sh"
. "$(dirname "$0")/lib/profanity.sh"

start_server
add_account juliet romeo

opens balcony juliet
opens orchard romeo
hears balcony 'RECV: <success'
grep -ho 'mechanism="[A-Z0-9-]*"' "$WORK"/balcony/.local/share/profanity/logs/*.log | sort -u | sed 's/^/  logged in by /'

befriend balcony juliet orchard romeo
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
