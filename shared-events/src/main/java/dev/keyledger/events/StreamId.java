package dev.keyledger.events;

/**
 * The stream that an event belongs to: one aggregate's.
 *
 * @param kind what the aggregate is
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

    /** The name on the wire. */
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
