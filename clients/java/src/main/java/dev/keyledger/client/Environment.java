package dev.keyledger.client;

/** What a key is for. */
public enum Environment {
  LIVE,
  TEST
}
