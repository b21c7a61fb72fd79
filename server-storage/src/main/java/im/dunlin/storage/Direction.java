// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

/** In which order a scan gives its rows. */
public enum Direction {
    FORWARD,
    BACKWARD
}
