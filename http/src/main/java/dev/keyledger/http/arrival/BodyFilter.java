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
 * Lets a request on the main port go on when its body has arrived, so that no slow body occupies a
 * thread of the container. This holds for every request with a body, because the container itself
 * would wait for a body that nobody reads.
 *
 * <p>A request that had to wait goes on as an ASYNC dispatch. Later filters must be registered for
 * those too, or they do not see it.
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
   * @param unfinished counts the bytes of unfinished bodies, perhaps with those of another port
   * @param heads asked before a body is waited for
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

  /** Ends what is due on threads of its own, because an answer can block. */
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
