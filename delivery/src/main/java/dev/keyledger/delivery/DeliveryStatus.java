package dev.keyledger.delivery;

/** The status of a delivery. */
public enum DeliveryStatus {
  /** The delivery will be attempted, for the first time or again. */
  PENDING("pending"),
  /** The receiver has accepted it. */
  DELIVERED("delivered"),
  /** All attempts failed; the delivery can be redelivered. */
  DEAD("dead");

  private final String wireName;

  DeliveryStatus(String wireName) {
    this.wireName = wireName;
  }

  /** Returns the name on the wire. */
  @Override
  public String toString() {
    return wireName;
  }
}
