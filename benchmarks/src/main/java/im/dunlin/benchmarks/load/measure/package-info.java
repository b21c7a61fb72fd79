// SPDX-License-Identifier: Apache-2.0
/** What is counted, timed and printed. */
@NullMarked
package im.dunlin.benchmarks.load.measure;

import org.jspecify.annotations.NullMarked;
