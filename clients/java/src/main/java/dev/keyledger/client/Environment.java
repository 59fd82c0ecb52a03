package dev.keyledger.client;

/** The environment that a key is for. */
public enum Environment {
  LIVE,
  TEST
}
