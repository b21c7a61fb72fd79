// SPDX-License-Identifier: Apache-2.0
/** Load from a second process: real TLS connections to any XMPP server on loopback, and what they cost it. */
@NullMarked
package im.dunlin.benchmarks.load;

import org.jspecify.annotations.NullMarked;
