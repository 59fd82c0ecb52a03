package dev.keyledger.http.arrival;

import dev.keyledger.http.HttpAnswer;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

/** Refuses requests by their heads, so that nobody waits for their bodies. Thread-safe. */
@FunctionalInterface
public interface HeadCheck {
  /** Returns the refusal of a request whose body has not arrived; null if it is not refused. */
  @Nullable HttpAnswer refusal(HttpServletRequest head);
}
