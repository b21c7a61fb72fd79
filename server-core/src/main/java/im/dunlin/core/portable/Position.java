// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.portable;

/**
 * A place in a file.
 *
 * @param file as the operator knows it
 * @param line from 1 on; 0 where the file as a whole is meant
 */
public record Position(String file, int line, int column) {
    public static Position of(String file) {
        return new Position(file, 0, 0);
    }

    @Override
    public String toString() {
        return line == 0 ? file : file + ":" + line + ":" + column;
    }
}
