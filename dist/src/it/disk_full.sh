#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The disk is full in the middle of a load: the server says so and ends, and what it acknowledged is there when there is room.
if [ -z "${OWN_MOUNTS:-}" ]; then
    # Mounts of this script's own, so that a small file system needs no rights and leaves nothing behind.
    [ "$(id -u)" = 0 ] && options=-m || options=-rm
    OWN_MOUNTS=yes exec unshare $options "$0"
fi
. "$(dirname "$0")/lib/server.sh"

client() {
    /usr/bin/python3 "$(dirname "$0")/disk_full.py" "$TLS_PORT" "$@"
}

mkdir "$WORK/data"
mount -t tmpfs -o size=48m data "$WORK/data" || unavailable "a small file system cannot be mounted"
CONFIG='limits:
  rate: { bytesPerSecond: 100MiB, bytesBurst: 100MiB, stanzasPerSecond: 100000, stanzasBurst: 100000 }'
start_server
add_account juliet
client fill "$WORK/acknowledged"

pid=$SERVER_PID
SERVER_PID=
status=0
wait "$pid" || status=$?
[ $status != 0 ] || { echo "the server ended as if nothing had happened" >&2; exit 1; }
grep -q 'nothing more can be promised' "$WORK/server.out" "$WORK/server.log" \
    || { echo "the server did not say why it ended" >&2; exit 1; }

mount -o remount,size=400m "$WORK/data"
start_server
client verify "$WORK/acknowledged"
stop_server
echo "disk full: passed"
