package dev.keyledger.delivery;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.keyledger.events.WebhookKind;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to deliver. One thread sends it; another may cancel it.
 *
 * <p>Its text form shows neither address nor secrets.
 */
public final class Attempt {
  /** The longest time that an attempt takes. */
  public static final Duration TIME_MAX = Duration.ofSeconds(15);

  private final String deliveryId;
  private final WebhookKind kind;
  private final String address;
  private final List<byte[]> secrets;
  private final byte[] body;

  @GuardedBy("this")
  private @Nullable Runnable cancellation;

  @GuardedBy("this")
  private boolean cancelled;

  private volatile long beganNanos;

  /**
   * @param address the receiver's address
   * @param secrets the signing secrets in force, the current one first
   * @param body the event
   */
  public Attempt(
      String deliveryId, WebhookKind kind, String address, List<byte[]> secrets, byte[] body) {
    this.deliveryId = deliveryId;
    this.kind = kind;
    this.address = address;
    this.secrets = List.copyOf(secrets);
    this.body = body.clone();
  }

  /** The result of an attempt. */
  public enum Result {
    /** The receiver accepted it. */
    ACCEPTED,
    /** The delivery did not arrive, or was refused. */
    FAILED,
    /** The receiver wants no more of this webhook. */
    GONE
  }

  /**
   * The outcome of an attempt.
   *
   * @param status the status of the response; null: there was none
   * @param body the beginning of the response's body
   * @param retryAfter the pause that the receiver asks for; null: none
   */
  public record Outcome(
      Result result, @Nullable Integer status, String body, @Nullable Duration retryAfter) {
    /** The outcome without a response. */
    public static final Outcome NO_RESPONSE = new Outcome(Result.FAILED, null, "", null);
  }

  /** A way on which attempts travel. */
  @FunctionalInterface
  public interface Transport {
    /** Sends an attempt and returns its outcome. Never throws for a failure of the receiver. */
    Outcome send(Attempt attempt);
  }

  public String deliveryId() {
    return deliveryId;
  }

  public WebhookKind kind() {
    return kind;
  }

  public String address() {
    return address;
  }

  public List<byte[]> secrets() {
    return secrets;
  }

  public byte[] body() {
    return body.clone();
  }

  /**
   * Sets the action that ends the attempt early; runs it at once if the attempt is already
   * cancelled.
   */
  public synchronized void onCancel(Runnable how) {
    cancellation = how;
    if (cancelled) {
      how.run();
    }
  }

  /** Starts the clock of the attempt. */
  void begin() {
    long now = System.nanoTime();
    beganNanos = now == 0 ? 1 : now;
  }

  boolean hasTakenLonger(Duration time, long nowNanos) {
    long began = beganNanos;
    return began != 0 && nowNanos - began > time.toNanos();
  }

  /** Ends the attempt early. */
  public synchronized void cancel() {
    cancelled = true;
    if (cancellation != null) {
      cancellation.run();
    }
  }

  @Override
  public String toString() {
    return "Attempt[" + deliveryId + "]";
  }
}
