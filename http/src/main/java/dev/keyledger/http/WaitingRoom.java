package dev.keyledger.http;

import java.util.concurrent.Semaphore;

/**
 * How many requests of this node may wait at a time, on both ports together. A check keeps no
 * thread meanwhile; a command or a query may keep one of the container, which has twice as many,
 * for as long as {@link ApiCall#WAIT_MAX}. Thread-safe.
 */
public final class WaitingRoom {
  /** The most requests that wait at once. */
  public static final int WAITING_MAX = 100;

  private final Semaphore places = new Semaphore(WAITING_MAX);

  /** A place in the room, to be given back by closing it, once. */
  public final class Place implements AutoCloseable {
    private Place() {}

    @Override
    public void close() {
      places.release();
    }
  }

  /**
   * Takes a place.
   *
   * @throws ProblemException with {@code not-yet-applied} if there is none
   */
  public Place enter() {
    if (!places.tryAcquire()) {
      throw new ProblemException(
          ProblemCode.NOT_YET_APPLIED,
          "Too many requests wait on this node already; nothing was done.");
    }
    return new Place();
  }
}
