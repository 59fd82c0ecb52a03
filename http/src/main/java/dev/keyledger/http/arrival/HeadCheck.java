package dev.keyledger.http.arrival;

import dev.keyledger.http.HttpAnswer;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

/** Answers requests by their heads, so that nobody waits for their bodies. Thread-safe. */
@FunctionalInterface
public interface HeadCheck {
  /** Returns the answer to a request whose body has not arrived; null if the body is needed. */
  @Nullable HttpAnswer answer(HttpServletRequest head);
}
