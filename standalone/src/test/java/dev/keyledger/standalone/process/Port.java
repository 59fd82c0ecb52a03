package dev.keyledger.standalone.process;

/** The ports on which a Keyledger answers checks. */
public enum Port {
  MAIN,
  FAST
}
