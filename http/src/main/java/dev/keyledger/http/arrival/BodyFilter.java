package dev.keyledger.http.arrival;

import dev.keyledger.supervision.SupervisedThread;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Dispatches a request on the main port when its body has arrived, so that no slow body occupies a
 * thread of the container. This applies to every request with a body, because the container itself
 * would wait for the rest of an unread body.
 *
 * <p>A request that had to wait is dispatched as ASYNC. Later filters must be registered for ASYNC
 * dispatches too.
 */
public final class BodyFilter extends HttpFilter implements AutoCloseable {
  private static final long serialVersionUID = 1L;
  private static final Duration WATCH_INTERVAL = Duration.ofMillis(250);

  private final transient UnfinishedBodies unfinished;
  private final transient HeadCheck heads;
  private final transient Set<ArrivingBody> arriving = ConcurrentHashMap.newKeySet();
  private final transient CountDownLatch closing = new CountDownLatch(1);

  /**
   * Creates a filter and the thread that watches its bodies.
   *
   * @param unfinished counts the bytes of unfinished bodies, possibly together with another port's
   * @param heads called before the wait for a body
   */
  public BodyFilter(UnfinishedBodies unfinished, HeadCheck heads) {
    this.unfinished = unfinished;
    this.heads = heads;
    SupervisedThread.unstarted("keyledger-bodies", () -> closing.getCount() > 0, this::watch)
        .start();
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (!BodyLength.hasBody(request)) {
      chain.doFilter(request, response);
      return;
    }
    var body = new ArrivingBody(request, response, unfinished, heads, arriving);
    ArrivedRequest arrived = body.readAvailable();
    if (arrived != null) {
      chain.doFilter(arrived, response);
    } else {
      body.await();
    }
  }

  /** Ends due arrivals on separate threads, because an answer can block. */
  private void watch() throws InterruptedException {
    while (!closing.await(WATCH_INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
      for (ArrivingBody body : arriving) {
        if (body.isDue()) {
          Thread.ofVirtual().start(body::timeUp);
        }
      }
    }
  }

  @Override
  public void close() {
    closing.countDown();
  }
}
