package dev.keyledger.client;

/** Learns what this client's own commands have changed, or may have. Thread-safe. */
interface Changes {
  /** Does nothing: nothing is kept. */
  Changes IGNORED =
      new Changes() {
        @Override
        public void changed(String keyId) {}

        @Override
        public void manyChanged() {}
      };

  /** A key may have changed. */
  void changed(String keyId);

  /** Any keys may have changed. */
  void manyChanged();
}
