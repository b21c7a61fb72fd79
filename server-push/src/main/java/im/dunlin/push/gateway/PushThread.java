// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.gateway;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;

/** The one thread on which all gateways live: their sockets, queues and timers. Nothing on it may wait. */
public final class PushThread implements AutoCloseable {
    private static final long FAREWELL_MILLIS = 2_000;

    private final EventLoopGroup group;

    public PushThread() {
        this.group = oneThread();
    }

    /** By its old name, which Netty 4.2 still has: Pushy tells by it what sockets to make. */
    @SuppressWarnings("deprecation")
    private static EventLoopGroup oneThread() {
        return new io.netty.channel.nio.NioEventLoopGroup(1, new DefaultThreadFactory("push", true));
    }

    public EventLoop loop() {
        return group.next();
    }

    public EventLoopGroup group() {
        return group;
    }

    /** After all gateways; returns when the thread has ended, or after two seconds. */
    @Override
    public void close() {
        group.shutdownGracefully(0, FAREWELL_MILLIS, TimeUnit.MILLISECONDS).awaitUninterruptibly(FAREWELL_MILLIS);
    }
}
