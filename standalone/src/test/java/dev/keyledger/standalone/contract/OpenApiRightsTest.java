package dev.keyledger.standalone.contract;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Nothing is served without its being said who may have it. */
class OpenApiRightsTest {
  @Test
  void everyOperationHasARowAndTheReverse() {
    assertThat(Rights.rows().keySet())
        .as("see Rights: a new operation needs a row")
        .containsExactlyInAnyOrderElementsOf(Contract.KEYLEDGER.operations());
  }

  @Test
  void theDocumentSaysWhatIsNeeded() {
    for (Operation operation : Contract.KEYLEDGER.all()) {
      Rights.Right right = Rights.of(operation);
      assertThat(operation.needs())
          .as(operation.name())
          .isEqualTo(right.isPermission() ? right.needs() : "");
    }
  }
}
