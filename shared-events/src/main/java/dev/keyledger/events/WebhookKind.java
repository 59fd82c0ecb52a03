package dev.keyledger.events;

/** The transport of a webhook's deliveries. */
public enum WebhookKind {
  /** Signed requests to a URL. */
  HTTP("http"),
  /** Mail to an address. */
  EMAIL("email");

  private final String wireName;

  WebhookKind(String wireName) {
    this.wireName = wireName;
  }

  /** Returns the name on the wire. */
  @Override
  public String toString() {
    return wireName;
  }
}
