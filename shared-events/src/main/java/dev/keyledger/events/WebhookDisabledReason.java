package dev.keyledger.events;

/** The reason for which a webhook is disabled. */
public enum WebhookDisabledReason {
  /** A caller disabled it. */
  REQUESTED("requested"),
  /** The receiver answered 410. */
  GONE("gone");

  private final String wireName;

  WebhookDisabledReason(String wireName) {
    this.wireName = wireName;
  }

  /** Returns the name on the wire. */
  @Override
  public String toString() {
    return wireName;
  }
}
