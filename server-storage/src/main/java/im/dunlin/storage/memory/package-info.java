// SPDX-License-Identifier: Apache-2.0
/** A store that keeps its rows in the heap: for tests and trial runs. Everything is gone when the process ends. */
@NullMarked
package im.dunlin.storage.memory;

import org.jspecify.annotations.NullMarked;
