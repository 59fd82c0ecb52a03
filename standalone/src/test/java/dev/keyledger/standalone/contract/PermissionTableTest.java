package dev.keyledger.standalone.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.conditions.Permission;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The lists of Keyledger's own permissions in the documents, compared with the code. */
class PermissionTableTest {
  private static final Pattern ROW = Pattern.compile("(?m)^\\| `(keyledger:[^`]*)` \\|");

  @Test
  void theDocumentationListsThem() throws IOException {
    assertThat(rows(Files.readString(Path.of("../docs/permissions.md")))).isEqualTo(all());
  }

  @Test
  void theOpenApiDocumentListsThem() {
    String description =
        Contract.KEYLEDGER.document().at("/components/schemas/Permission/description").asString();
    assertThat(rows(description)).isEqualTo(all());
  }

  @Test
  void everyOperationNeedsOneOfThem() {
    assertThat(Rights.all().filter(Rights.Right::isPermission).map(Rights.Right::anyOf))
        .isNotEmpty()
        .allSatisfy(anyOf -> assertThat(Permission.allKnown()).containsAll(anyOf));
  }

  private static List<String> rows(String text) {
    return ROW.matcher(text).results().map(row -> row.group(1)).toList();
  }

  private static List<String> all() {
    return Stream.concat(Permission.allKnown().stream(), Stream.of("keyledger:grant:<permission>"))
        .toList();
  }
}
