// SPDX-License-Identifier: Apache-2.0
package im.dunlin.core.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/**
 * The channel of a stream whose bytes travel in requests: what is written waits with its {@link BoshSession} for one to answer,
 * and in the channel, as before a socket that takes nothing, when much waits there.
 */
final class BoshChannel extends AbstractChannel {
    private static final ChannelMetadata METADATA = new ChannelMetadata(false);

    private final ChannelConfig config = new DefaultChannelConfig(this);
    private final BoshSession session;
    private final InetSocketAddress client;
    private volatile boolean open = true;

    BoshChannel(BoshSession session, InetSocketAddress client) {
        super(null);
        this.session = session;
        this.client = client;
    }

    @Override
    protected void doBeginRead() {
        session.deliver();
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer out) {
        for (Object next = out.current(); next != null && session.takes(); next = out.current()) {
            session.say((ByteBuf) next);
            out.remove();
        }
    }

    @Override
    protected void doClose() {
        open = false;
        session.closed();
    }

    @Override
    protected void doDisconnect() {
        doClose();
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    @Override
    public boolean isActive() {
        return open;
    }

    @Override
    public ChannelMetadata metadata() {
        return METADATA;
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return true;
    }

    @Override
    protected SocketAddress localAddress0() {
        return client;
    }

    @Override
    protected SocketAddress remoteAddress0() {
        return client;
    }

    @Override
    protected void doBind(SocketAddress address) {
        throw new UnsupportedOperationException("a session of BOSH listens nowhere");
    }

    @Override
    protected AbstractUnsafe newUnsafe() {
        return new AbstractUnsafe() {
            @Override
            public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
                promise.setFailure(new UnsupportedOperationException("a session of BOSH connects nowhere"));
            }
        };
    }
}
