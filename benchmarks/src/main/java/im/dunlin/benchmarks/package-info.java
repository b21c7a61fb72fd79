// SPDX-License-Identifier: Apache-2.0

/** Measurements. Nothing in the server depends on this. */
@NullMarked
package im.dunlin.benchmarks;

import org.jspecify.annotations.NullMarked;
