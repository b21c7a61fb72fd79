// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.payload;

/** What a device does about a notice; written in the clear, since the platform acts before anything is opened. */
public enum NoticeClass {
    MESSAGE("msg"),
    CALL("call"),
    CALL_END("end"),
    READ("read"),
    TEST("test");

    private final String wire;

    NoticeClass(String wire) {
        this.wire = wire;
    }

    public String wire() {
        return wire;
    }
}
