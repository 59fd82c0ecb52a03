package dev.keyledger.client;

/**
 * A listener for the changes that this client's own commands made, or may have made. Thread-safe.
 */
interface Changes {
  /** Ignores changes, because nothing is cached. */
  Changes IGNORED =
      new Changes() {
        @Override
        public void changed(String keyId) {}

        @Override
        public void manyChanged() {}
      };

  /** Called when a key may have changed. */
  void changed(String keyId);

  /** Called when any key may have changed. */
  void manyChanged();
}
