// SPDX-License-Identifier: Apache-2.0
/**
 * A load generator for any XMPP server, and what the load costs that server: {@code java -jar dunlin-load.jar SCENARIO}. A
 * scenario is one class here.
 */
@NullMarked
package im.dunlin.benchmarks.load;

import org.jspecify.annotations.NullMarked;
