// SPDX-License-Identifier: Apache-2.0
package im.dunlin.storage;

/** The formats that a store on disk has had. */
public final class Migrations {
    /** The format of the first release. */
    public static final int FIRST_FORMAT = 1;

    private Migrations() {}
}
