package dev.keyledger.http.arrival;

import dev.keyledger.http.HttpAnswer;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Judges requests by their heads, so that no body is waited for in vain. Thread-safe. */
@FunctionalInterface
public interface HeadCheck {
  /**
   * Returns the judgement of a request whose body has not arrived; null if no handler known here
   * uses its body.
   */
  @Nullable Judgement judge(HttpServletRequest head);

  /**
   * Called after a request was answered before its body had arrived.
   *
   * @param took the time since its head had arrived
   */
  default void answered(HttpServletRequest head, HttpAnswer answer, Duration took) {}

  /**
   * The judgement of a request by its head alone.
   *
   * @param answer the answer to the request; null if its body is needed
   */
  record Judgement(@Nullable HttpAnswer answer) {
    /** The judgement that there is no answer without the body. */
    public static final Judgement NEEDS_BODY = new Judgement(null);
  }
}
