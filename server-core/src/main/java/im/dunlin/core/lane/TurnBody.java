// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.lane;

/** The work of one turn. Plain sequential code; an exception discards everything that it collected. */
@FunctionalInterface
public interface TurnBody {
    void run(Turn turn);
}
