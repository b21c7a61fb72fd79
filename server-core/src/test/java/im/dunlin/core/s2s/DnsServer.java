// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.s2s;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A server of DNS on loopback that says what a test wants, of every other name that it does not exist. */
final class DnsServer implements AutoCloseable {
    static final int A = 1;
    static final int SRV = 33;

    static final int NOERROR = 0;
    static final int SERVFAIL = 2;
    private static final int NXDOMAIN = 3;
    static final int REFUSED = 5;

    private static final int SECONDS = 60;

    private record Answer(int code, List<byte[]> records) {}

    private final DatagramSocket socket;
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();

    DnsServer() {
        try {
            socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread thread = new Thread(this::serve, "dns");
        thread.setDaemon(true);
        thread.start();
    }

    InetSocketAddress address() {
        return (InetSocketAddress) socket.getLocalSocketAddress();
    }

    /** For questions of every type. */
    DnsServer says(String name, int code) {
        answers.put(name, new Answer(code, List.of()));
        return this;
    }

    /** For questions of this type; others get no records. */
    DnsServer has(String name, int type, byte[]... records) {
        answers.put(name, new Answer(NOERROR, List.of()));
        answers.put(name + type, new Answer(NOERROR, List.of(records)));
        return this;
    }

    static byte[] srv(int port, String target) {
        byte[] name = name(target);
        return ByteBuffer.allocate(6 + name.length)
                .putShort((short) 0)
                .putShort((short) 0)
                .putShort((short) port)
                .put(name)
                .array();
    }

    private static byte[] name(String name) {
        ByteBuffer out = ByteBuffer.allocate(name.length() + 2);
        for (String label : name.split("\\.")) {
            out.put((byte) label.length()).put(label.getBytes(StandardCharsets.US_ASCII));
        }
        return out.put((byte) 0).array();
    }

    private void serve() {
        byte[] in = new byte[512];
        while (!socket.isClosed()) {
            try {
                DatagramPacket packet = new DatagramPacket(in, in.length);
                socket.receive(packet);
                byte[] answer = answer(ByteBuffer.wrap(in, 0, packet.getLength()));
                socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
            } catch (IOException e) {
                return;
            }
        }
    }

    private byte[] answer(ByteBuffer question) {
        short id = question.getShort();
        question.position(12);
        List<String> labels = new ArrayList<>();
        for (int length = question.get(); length > 0; length = question.get()) {
            byte[] label = new byte[length];
            question.get(label);
            labels.add(new String(label, StandardCharsets.US_ASCII));
        }
        String name = String.join(".", labels);
        short type = question.getShort();
        Answer answer = answers.getOrDefault(name + type, answers.getOrDefault(name, new Answer(NXDOMAIN, List.of())));
        ByteBuffer out = ByteBuffer.allocate(4_096).putShort(id).putShort((short) (0x8580 | answer.code()));
        out.putShort((short) 1).putShort((short) answer.records().size()).putInt(0);
        out.put(name(name)).putShort(type).putShort((short) 1);
        for (byte[] record : answer.records()) {
            out.put(name(name)).putShort(type).putShort((short) 1).putInt(SECONDS);
            out.putShort((short) record.length).put(record);
        }
        byte[] bytes = new byte[out.flip().remaining()];
        out.get(bytes);
        return bytes;
    }

    @Override
    public void close() {
        socket.close();
    }
}
