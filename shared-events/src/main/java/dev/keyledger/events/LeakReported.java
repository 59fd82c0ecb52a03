package dev.keyledger.events;

/**
 * Somebody who holds a secret of the key reported it as leaked; recorded once for each generation.
 *
 * @param generation the number of the leaked secret
 */
@WireType(name = "LeakReported", version = 1)
public record LeakReported(int generation) implements KeyEvent.ChangesDetails {}
