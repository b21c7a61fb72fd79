// SPDX-License-Identifier: Apache-2.0
package im.dunlin.benchmarks.load.measure;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.zip.DataFormatException;
import org.HdrHistogram.AbstractHistogram;
import org.HdrHistogram.Histogram;

/** All latencies of a run in a cell of a row: HdrHistogram's compressed form of nanoseconds with two digits, in Base64. */
final class Distribution {
    /** Stands where other rows have their unit. */
    static final String UNIT = "HdrHistogram";

    private static final int DIGITS = 2;

    private Distribution() {}

    static String encoded(AbstractHistogram nanos) {
        Histogram compact = new Histogram(DIGITS);
        compact.add(nanos);
        ByteBuffer buffer = ByteBuffer.allocate(compact.getNeededByteBufferCapacity());
        int length = compact.encodeIntoCompressedByteBuffer(buffer);
        return Base64.getEncoder().encodeToString(Arrays.copyOf(buffer.array(), length));
    }

    /** @throws IOException the cell is none of {@link #encoded} */
    static Histogram decoded(String cell) throws IOException {
        try {
            return Histogram.decodeFromCompressedByteBuffer(
                    ByteBuffer.wrap(Base64.getDecoder().decode(cell)), 0);
        } catch (DataFormatException | RuntimeException e) {
            throw new IOException("not the latencies of a run: " + cell, e);
        }
    }
}
