package dev.keyledger.events;

/**
 * The stream of an event: that of one aggregate.
 *
 * @param kind the kind of aggregate
 * @param id the key's id or the workspace's name
 */
public record StreamId(Kind kind, String id) {
  /** The kinds of aggregates. */
  public enum Kind {
    KEY("key"),
    WORKSPACE("workspace");

    private final String wireName;

    Kind(String wireName) {
      this.wireName = wireName;
    }

    /** Returns the name on the wire. */
    @Override
    public String toString() {
      return wireName;
    }
  }

  public static StreamId of(KeyId keyId) {
    return new StreamId(Kind.KEY, keyId.value());
  }

  public static StreamId ofWorkspace(String workspace) {
    return new StreamId(Kind.WORKSPACE, workspace);
  }
}
