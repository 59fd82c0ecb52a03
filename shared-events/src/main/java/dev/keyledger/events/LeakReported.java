package dev.keyledger.events;

/**
 * A secret of the key was reported as leaked by someone who has it. Recorded once per generation.
 *
 * @param generation the generation of the leaked secret
 */
@WireType(name = "LeakReported", version = 1)
public record LeakReported(int generation) implements KeyEvent.ChangesDetails {}
