// SPDX-License-Identifier: Apache-2.0
/** The floor: the same bytes through TLS twice and nothing else, and what a disk sync takes. No server can go under it. */
@NullMarked
package im.dunlin.benchmarks.load.relay;

import org.jspecify.annotations.NullMarked;
