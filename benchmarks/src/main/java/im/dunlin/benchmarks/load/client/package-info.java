// SPDX-License-Identifier: Apache-2.0
/** A client with as little in it as possible, so that what is measured is the server. */
@NullMarked
package im.dunlin.benchmarks.load.client;

import org.jspecify.annotations.NullMarked;
