// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.measure;

import java.util.BitSet;

/**
 * Knows of every message whether it came, once and in order. Messages are numbered in flows: one sender to one receiver. Any
 * thread.
 */
public final class DeliveryOracle {
    private static final class Flow {
        private final BitSet seen = new BitSet();
        private int sent;
        private int newest = -1;
    }

    private final Flow[] flows;
    private long sent;
    private long received;
    private long doubled;
    private long reordered;
    private long unknown;

    public DeliveryOracle(int flows) {
        this.flows = new Flow[flows];
        for (int i = 0; i < flows; i++) {
            this.flows[i] = new Flow();
        }
    }

    /** @return the number of the next message of this flow */
    public synchronized int sending(int flow) {
        sent++;
        return flows[flow].sent++;
    }

    /** A message came. @return whether it is the first time */
    public synchronized boolean received(int flow, int number) {
        if (flow < 0 || flow >= flows.length || number < 0 || number >= flows[flow].sent) {
            unknown++;
            return false;
        }
        Flow of = flows[flow];
        if (of.seen.get(number)) {
            doubled++;
            return false;
        }
        of.seen.set(number);
        received++;
        if (number < of.newest) {
            reordered++;
        } else {
            of.newest = number;
        }
        return true;
    }

    public synchronized long sent() {
        return sent;
    }

    /** Different messages that came. */
    public synchronized long received() {
        return received;
    }

    public synchronized long lost() {
        return sent - received;
    }

    public synchronized long doubled() {
        return doubled;
    }

    public synchronized long reordered() {
        return reordered;
    }

    /** Whether each message came exactly once and in order, and none that nobody sent. */
    public synchronized boolean isSatisfied() {
        return lost() == 0 && doubled == 0 && reordered == 0 && unknown == 0;
    }

    @Override
    public synchronized String toString() {
        return sent + " sent, " + lost() + " lost, " + doubled + " doubled, " + reordered + " reordered"
                + (unknown == 0 ? "" : ", " + unknown + " that nobody sent");
    }
}
