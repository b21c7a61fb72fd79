#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# SCRAM-*-PLUS bound to what OpenSSL exports from the very connection (RFC 9266), by STARTTLS and direct TLS.
. "$(dirname "$0")/lib/server.sh"

need 'openssl version' openssl
start_server
add_account juliet
/usr/bin/python3 "$(dirname "$0")/openssl_plus.py" "$STARTTLS_PORT" "$TLS_PORT"
stop_server
echo "openssl: passed"
