package dev.keyledger.standalone.contract;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The rights in the OpenAPI document: each operation states who may call it. */
class OpenApiRightsTest {
  @Test
  void everyOperationSaysWhoMay() {
    assertThat(Contract.KEYLEDGER.all())
        .hasSizeGreaterThan(30)
        .filteredOn(operation -> Rights.of(operation).needs().equals(Rights.ROOT))
        .as("see Rights: what neither names a permission nor its security is for the root key")
        .allSatisfy(operation ->
            assertThat(operation.path()).matches("/v1/(workspaces|log/tile/entries/).*"));
  }

  @Test
  void everyOperationThatIsPreparedExists() {
    assertThat(Contract.KEYLEDGER.operations()).containsAll(Rights.prepared());
  }
}
