package dev.keyledger.standalone.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerBinariesTest {
  @ParameterizedTest
  @CsvSource({
    "Linux, amd64, postgres-linux-x86_64.txz",
    "Linux, aarch64, postgres-linux-arm_64.txz",
    "Mac OS X, x86_64, postgres-darwin-x86_64.txz",
    "Mac OS X, aarch64, postgres-darwin-arm_64.txz"
  })
  void eachPlatformHasItsArchive(String system, String machine, String archive) {
    assertThat(ServerBinaries.archiveName(system, machine)).isEqualTo(archive);
  }

  @Test
  void noArchiveIsTakenForThatOfAnotherPlatform() {
    assertThat(ServerBinaries.archiveName("Windows 11", "amd64"))
        .isEqualTo("postgres-windows 11-x86_64.txz");
    assertThat(ServerBinaries.archiveName("Linux", "riscv64"))
        .isEqualTo("postgres-linux-riscv64.txz");
  }
}
