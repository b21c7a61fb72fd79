// SPDX-License-Identifier: Apache-2.0
package im.dunlin.push.app;

import im.dunlin.push.Wiretap;
import im.dunlin.push.gateway.Answer;
import im.dunlin.push.gateway.Gateway;
import im.dunlin.push.gateway.PushRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Apps whose providers remember what they were sent and answer as they are told. */
public final class TestApps implements Apps, Gateway {
    public static final App IOS = new App("capulet-ios", Provider.APNS);
    public static final App ANDROID = new App("capulet-android", Provider.FCM);
    public static final App WEB = new App("capulet-web", Provider.WEB_PUSH);

    private volatile List<App> apps;
    private final Queue<PushRequest> sent = new ConcurrentLinkedQueue<>();
    private final AtomicReference<@Nullable Answer> once = new AtomicReference<>();
    private volatile Answer answer = new Answer.Accepted("1");

    public TestApps(App... apps) {
        this.apps = List.of(apps);
    }

    /** Whatever there was. */
    public void become(App... apps) {
        this.apps = List.of(apps);
    }

    /** From now on. */
    public void answers(Answer with) {
        answer = with;
    }

    /** The first goes to the next push, and the other to those behind it. */
    public void answersOnce(Answer next, Answer then) {
        once.set(next);
        answer = then;
    }

    /** Takes so many pushes, the first first. */
    public List<PushRequest> all(int count) {
        List<PushRequest> all = new ArrayList<>();
        for (PushRequest next = sent.poll(); next != null; next = sent.poll()) {
            all.add(next);
        }
        if (all.size() != count) {
            throw new AssertionError("expected " + count + " pushes and got " + all);
        }
        return all;
    }

    /** Takes the only push that was sent. */
    public PushRequest next() {
        PushRequest next = sent.poll();
        if (next == null || !sent.isEmpty()) {
            throw new AssertionError("expected one push and got " + next + " and " + sent);
        }
        return next;
    }

    public int count() {
        return sent.size();
    }

    @Override
    public List<App> all() {
        return apps;
    }

    @Override
    public @Nullable String publicKey(App app) {
        return app.provider() == Provider.WEB_PUSH ? "BJkb" : null;
    }

    @Override
    public Gateway gateway(App app) {
        return this;
    }

    @Override
    public CompletionStage<Answer> send(PushRequest request, Duration within) {
        Wiretap.hears(request.payload());
        sent.add(request);
        Answer next = once.getAndSet(null);
        return CompletableFuture.completedFuture(next == null ? answer : next);
    }

    @Override
    public int pending() {
        return 0;
    }

    @Override
    public void close() {}
}
