// SPDX-License-Identifier: Apache-2.0
package im.dunlin.dist;

/** Where the jar starts. Compiled for Java 8, so that an older Java can say what it lacks instead of failing to load. */
public final class Launcher {
    private static final int REQUIRED = 17;

    private Launcher() {}

    public static void main(String[] arguments) throws ReflectiveOperationException {
        String version = System.getProperty("java.specification.version", "0");
        int feature = Integer.parseInt(version.startsWith("1.") ? version.substring(2) : version);
        if (feature < REQUIRED) {
            System.err.println("dunlin: needs Java " + REQUIRED + " or newer, this is Java " + feature + " ("
                    + System.getProperty("java.home") + ")");
            System.exit(1);
        }
        // By name: this class is loaded, and verified, where Main cannot be.
        Class.forName("im.dunlin.dist.Main").getMethod("main", String[].class).invoke(null, (Object) arguments);
    }
}
